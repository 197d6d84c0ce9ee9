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

const OPTIONS = {
  runs: { type: 'string', default: '10000' },
  calls: { type: 'string', default: '20' },
  sources: { type: 'string', default: '300' },
  rounds: { type: 'string', default: '9' },
} as const

/**
 * `--runs N` in the list (10,000), `--calls N` with events of their own (20), `--sources N` with a pack each (300), `--rounds N` (9).
 * Milliseconds, medians; `browser_ms` is null without a Chromium.
 */
export async function measure(args: readonly string[]): Promise<object> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS })
  const [runs, calls] = [wholeNumber(values.runs), wholeNumber(values.calls)]
  const [sources, rounds] = [wholeNumber(values.sources), wholeNumber(values.rounds)]
  if (runs <= 1000) throw new Error(`Expected --runs N of more than 1000, to have pages to turn; got ${runs}.`)
  const root = mkdtempSync(join(tmpdir(), 'ctxlock-console-'))
  try {
    await recordedWorkspace(root, calls, sources)
    multiplyRuns(root, runs)
    const assets = readAssets(builtPages('console', { progress() {} }))
    const pages = [...assets.values()].reduce((sum, { bytes }) => sum + bytes.length, 0)
    return {
      runs,
      calls,
      sources,
      page_bytes: pages,
      server_ms: await serverTimes(root, assets, rounds),
      browser_ms: CHROMIUM === undefined ? null : await browserTimes(root, assets, rounds),
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function wholeNumber(value: string): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`Expected a whole number from 1 up, got ${value}.`)
  return number
}

/** Packs of all its sources and some calls about them. */
async function recordedWorkspace(root: string, calls: number, sources: number): Promise<void> {
  for (let box = 0; box < sources; box += 1)
    writeFileSync(
      join(root, `box-${box}.md`),
      `# Box ${box}\n\nThe checksum of box ${box} is computed over its raw bytes.\n`,
    )
  const run = (...command: string[]) =>
    createProgram({ exit: 0 }).parseAsync([...command, '--json', '--workspace', root], { from: 'user' })
  await run('lock')
  for (let call = 0; call < calls; call += 1) await run('ask', `How is the checksum of box ${call} computed?`)
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
    const get = (path: string) => fetch(`${origin}/api/${path}`, { headers }).then((answer) => answer.json())
    const post = (path: string, question: object) =>
      fetch(`${origin}/api/${path}`, { method: 'POST', headers, body: JSON.stringify(question) }).then((answer) =>
        answer.json(),
      )
    const list = async (question: object) => Page.parse(await post('runs/list', question))
    const middle = await pageAt(list, 20)
    return await interleaved(
      {
        first_page: () => list({}),
        later_page: () => list({ before: middle }),
        words_nobody_used: () => list({ words: 'nobody wrote this' }),
        state_nobody_has: () => list({ state: 'poisoned' }),
        one_run: () => get(`runs/${middle}`),
        usage: () => post('usage', { days: null }),
        stale_packs: () => post('packs', { only_stale: true }),
        log: () => get('log'),
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

/** Views a person goes to from the first, and by what is seen that each has its answer. */
const VIEWS = { usage: 'main .chart canvas', packs: 'main .empty, main table', log: 'main .facts' } as const

async function browserTimes(root: string, assets: Assets, rounds: number): Promise<object> {
  const browser = await startBrowser()
  const times = new Map<string, number[]>()
  const timed = async (step: string, work: () => Promise<unknown>) => {
    const began = performance.now()
    await work()
    times.set(step, [...(times.get(step) ?? []), performance.now() - began])
  }
  try {
    for (let round = 0; round < rounds; round += 1) {
      const served = await serveConsole({ root, assets, port: 0 })
      const context = await browser.newContext()
      const page = await context.newPage()
      const seen = (selector: string) => page.locator(selector).first().waitFor()
      await timed('first_view', async () => {
        await page.goto(served.entryUrl)
        await seen('.row')
      })
      const newest = await page.locator('.row').first().getAttribute('href')
      await timed('older_page', async () => {
        await page.getByRole('link', { name: 'Older' }).click()
        await seen(`.rows:not(:has([href="${newest}"]))`)
      })
      for (const [view, selector] of Object.entries(VIEWS)) {
        await timed(view, async () => {
          await page.locator(`nav a[href="#/${view}"]`).click()
          await seen(selector)
        })
      }
      await context.close()
      await served.close()
    }
  } finally {
    await browser.close()
  }
  return Object.fromEntries([...times].map(([step, all]) => [step, rounded(median(all))]))
}
