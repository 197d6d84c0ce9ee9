// How long the console takes over many runs: its server, and until a person sees a page in Chromium.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { z } from 'zod'

import { readAssets } from '../../../apps/runner/src/console/assets.ts'
import { serveConsole } from '../../../apps/runner/src/console/serve-console.ts'
import { builtPages } from '../../../apps/runner/src/environment/built-pages.ts'
import { createProgram } from '../../../apps/runner/src/program.ts'
import { CHROMIUM, startBrowser } from '../../../apps/runner/test/support/browser.ts'
import { multiplyRuns } from '../../../apps/runner/test/support/many-runs.ts'
import { interleaved, median, rounded } from '../interleaved.ts'

export const name = 'console'

/** `--runs N` (10,000), `--rounds N` (9). Milliseconds, medians; `browser` is null without a Chromium. */
export async function measure(args: readonly string[]): Promise<object> {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: 'string' }, rounds: { type: 'string' } } })
  const [runs, rounds] = [Number(values.runs ?? 10_000), Number(values.rounds ?? 9)]
  if (!(Number.isSafeInteger(runs) && runs > 100)) throw new Error('Expected --runs N of more than 100.')
  const root = mkdtempSync(join(tmpdir(), 'ctxlock-console-'))
  try {
    writeFileSync(join(root, 'README.md'), '# Parcel\n\nA checksum is computed over the raw bytes of a box.\n')
    await createProgram({ exit: 0 }).parseAsync(['ask', 'How is a checksum computed?', '--json', '--workspace', root], {
      from: 'user',
    })
    multiplyRuns(root, runs)
    const assets = readAssets(builtPages('console', { progress() {} }))
    const pages = [...assets.values()].reduce((sum, { bytes }) => sum + bytes.length, 0)
    return {
      runs,
      page_bytes: pages,
      server_ms: await serverTimes(root, assets, rounds),
      browser_ms: CHROMIUM === undefined ? null : await browserTimes(root, assets, rounds),
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

const Page = z.looseObject({ next: z.string().nullable() })

type Assets = ReturnType<typeof readAssets>

async function serverTimes(root: string, assets: Assets, rounds: number): Promise<object> {
  const served = await serveConsole({ root, assets, port: 0 })
  try {
    const { origin } = new URL(served.entryUrl)
    const entered = await fetch(served.entryUrl)
    const headers = {
      cookie: entered.headers.get('set-cookie')?.split(';')[0] ?? '',
      'x-ctxlock-key': /#key=([\w-]+)/.exec(await entered.text())?.[1] ?? '',
      'content-type': 'application/json',
      origin,
    }
    const list = async (question: object) => {
      const answer = await fetch(`${origin}/api/runs/list`, { method: 'POST', headers, body: JSON.stringify(question) })
      return Page.parse(await answer.json())
    }
    const middle = await pageAt(list, 20)
    return await interleaved(
      {
        first_page: () => list({}),
        later_page: () => list({ before: middle }),
        words_nobody_used: () => list({ words: 'nobody wrote this' }),
        state_nobody_has: () => list({ state: 'poisoned' }),
        one_run: () => fetch(`${origin}/api/runs/${middle}`, { headers }).then((answer) => answer.json()),
      },
      rounds,
    )
  } finally {
    await served.close()
  }
}

async function pageAt(list: (question: object) => Promise<{ next: string | null }>, pages: number): Promise<string> {
  let next: string | null = null
  for (let page = 0; page < pages; page += 1) ({ next } = await list(next === null ? {} : { before: next }))
  if (next === null) throw new Error('There are fewer pages than that.')
  return next
}

async function browserTimes(root: string, assets: Assets, rounds: number): Promise<object> {
  const browser = await startBrowser()
  const times = { first_view: new Array<number>(), older_page: new Array<number>() }
  try {
    for (let round = 0; round < rounds; round += 1) {
      const served = await serveConsole({ root, assets, port: 0 })
      const context = await browser.newContext()
      const page = await context.newPage()
      const began = performance.now()
      await page.goto(served.entryUrl)
      await page.locator('.row').first().waitFor()
      times.first_view.push(performance.now() - began)
      const newest = await page.locator('.row').first().getAttribute('href')
      const asked = performance.now()
      await page.getByRole('link', { name: 'Older' }).click()
      await page.locator(`.rows:not(:has([href="${newest}"]))`).waitFor()
      times.older_page.push(performance.now() - asked)
      await context.close()
      await served.close()
    }
  } finally {
    await browser.close()
  }
  return { first_view: rounded(median(times.first_view)), older_page: rounded(median(times.older_page)) }
}
