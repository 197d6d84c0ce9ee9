// Report files as a stranger has them: from disk, in a browser without any network.
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { logPublicKey } from '@ctxlock/flight-recorder'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { openState } from '../src/workspace/state.ts'
import { nodeEnvironment } from '../src/environment/node-environment.ts'
import { accessibilityIssues, CHROMIUM, screenshots, startBrowser } from './support/browser.ts'
import { Json } from './support/ctxlock.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, SMALL_WORKSPACE, THREE_STEPS } from './support/workspace.ts'

/** A file name that would turn the direction of what follows, and markup that must stay text. */
const HOSTILE = {
  'docs-src/a\u202Etxt.md': '# Checksums\n\nA checksum is computed over the raw bytes of a box, by hand.\n',
  'docs-src/<img src=x onerror=alert(1)><!--.md':
    '# Checksums of boxes\n\nHow a checksum is computed: over the raw bytes of a box.\n',
}

const DEEP = '['.repeat(20_000) + ']'.repeat(20_000)

describe.skipIf(CHROMIUM === undefined)('in Chromium, where there is one', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser.close())

  /** The file in a browser that is offline, and what it asked the network for all the same. */
  async function opened(
    file: string,
  ): Promise<{ readonly page: Page; readonly asked: string[]; readonly said: string[] }> {
    const context = await browser.newContext({ offline: true })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const asked: string[] = []
    const said: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(String(error)))
    await page.goto(pathToFileURL(file).href)
    await page.waitForSelector('.verdict')
    return { page, asked, said }
  }

  async function reported(root: string, name: string, ...options: string[]) {
    const file = join(root, `${name}.html`)
    const { stdout, code } = await ctxlockHere(['report', 'last', '--output', file, '--json', ...options], root)
    expect(code).toBe(0)
    return { file, result: new Json(JSON.parse(stdout)) }
  }

  test('a report opens from disk, says what it checked, and believes the reader and not itself', async () => {
    const root = makeWorkspace({ ...SMALL_WORKSPACE, ...HOSTILE, 'task.json': JSON.stringify(THREE_STEPS) })
    await ctxlockHere(['run', join(root, 'task.json')], root)
    const { file, result } = await reported(root, 'run')
    const key = result.at('public_key').text
    const { page, asked, said } = await opened(file)
    expect(asked).toEqual([pathToFileURL(file).href])
    expect(await page.locator('.verdict h2').textContent()).toContain('not yet confirmed')
    expect(await page.locator('main').innerText()).not.toMatch(/\bverified\b/i)
    expect(await page.locator('.fingerprint').innerText()).toBe(
      result.at('fingerprint').text.match(/.{8}/g)?.join(' ') ?? '',
    )
    const traces = await page.locator('.call dd').filter({ hasText: 'candidate' }).allTextContents()
    expect(traces.length).toBeGreaterThan(0)
    for (const trace of traces) expect(trace).toMatch(/^\d+ candidates?, \d+ spans? shown; [\d,]{3,} bytes$/)
    expect(await screenshots(page, 'report')).toBe(true)
    expect(await accessibilityIssues(page)).toEqual([])

    await page.getByLabel('The public key you know').fill(otherKey(root))
    await page.getByLabel('The public key you know').blur()
    await page.getByText('Do not rely on this file').waitFor()
    expect(await page.locator('.problems').innerText()).toContain('The key you gave did not sign this log.')

    await page.getByLabel('The public key you know').fill('no key')
    await page.getByLabel('The public key you know').blur()
    await page.getByText('Not used: Expected a public key').waitFor()

    await page.getByLabel('The public key you know').fill(key)
    await page.getByLabel('The public key you know').blur()
    await page.getByText('Signed with the key you know').waitFor()

    const checkpoint = readFileSync(join(root, '.ctxlock/log/checkpoint'), 'utf8')
    await page.getByLabel('A checkpoint of the log that was kept elsewhere').fill(checkpoint)
    await page.getByLabel('A checkpoint of the log that was kept elsewhere').blur()
    await page.getByText('Verified by your key and your checkpoint').waitFor()
    expect(await screenshots(page, 'report-verified')).toBe(true)
    expect(await accessibilityIssues(page)).toEqual([])
    expect(said).toEqual([])
  })

  test('what was edited is named, and hostile names stay text', async () => {
    const root = makeWorkspace({ ...SMALL_WORKSPACE, ...HOSTILE })
    await ctxlockHere(['ask', 'How is a checksum of a box computed?'], root)
    const { file } = await reported(root, 'ask')
    const whole = readFileSync(file, 'utf8')
    expect(whole.match(/<script/g)).toHaveLength(2)
    expect(whole).not.toContain('How is a checksum')
    const { page } = await opened(file)
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.locator('main').innerText()).toContain('<img src=x onerror=alert(1)><!--.md')
    expect(await page.locator('.invisible').first().innerText()).toBe('U+202E')

    const edits: readonly (readonly [what: string, from: RegExp, to: string, named: RegExp])[] = [
      ['an event', /\\"latency_ms\\":\d+/, '\\"latency_ms\\":987654', /Event \d+ is not what stands/],
      [
        'a value that overflows a stack',
        /\\"latency_ms\\":\d+/,
        `\\"latency_ms\\":${DEEP}`,
        /Event \d+ is not what stands/,
      ],
      ['a record', /\\"trust_class\\":\\"\w+\\"/, '\\"trust_class\\":\\"high\\" ', /No event names the record/],
      ['a rule', /\\"severity\\":\\"hard\\"/, '\\"severity\\":\\"soft\\"', /What the writer says/],
      ['the checkpoint', /("checkpoint":"[^\\]+\\n)\d+/, '$11', /The checkpoint was changed/],
      ['the public key', /("public_key":"[^+]+\+)[0-9a-f]{4}/, '$1ffff', /public key in the file is none/],
      ['a proof', /("nodes":\[")[0-9a-f]{4}/, '$1ffff', /Event \d+ is not what stands/],
      ['its form', /"schema_version":"ctxlock.report@1"/, '"schema_version":"ctxlock.report@2"', /holds no data/],
    ]
    for (const [what, from, to, named] of edits) {
      const edited = join(root, 'edited.html')
      writeFileSync(edited, whole.replace(from, to))
      const changed = await opened(edited)
      expect(await changed.page.locator('.verdict').innerText(), what).toMatch(named)
      expect(await changed.page.locator('.verdict').getAttribute('data-tone'), what).toBe('bad')
      if (what === 'an event') await screenshots(changed.page, 'report-edited')
    }
    writeFileSync(join(root, 'code.html'), whole.replace('type="module">', 'type="module">alert(1);'))
    const context = await browser.newContext({ offline: true })
    const foreign = await context.newPage()
    await foreign.goto(pathToFileURL(join(root, 'code.html')).href)
    expect(await foreign.locator('#app').innerHTML()).toBe('')
    await context.close()
  })
})

/** A well-formed key of somebody else for the same log. */
function otherKey(root: string): string {
  const state = openState(root, nodeEnvironment.timers)
  const key = logPublicKey({ database: state.database, key: generateKeyPairSync('ed25519').publicKey })
  state.close()
  return key
}
