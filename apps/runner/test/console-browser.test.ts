import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'

import { readAssets } from '../src/console/assets.ts'
import { pageThatLeadsTo } from '../src/console/open-page.ts'
import { serveConsole } from '../src/console/serve-console.ts'
import { builtPages } from '../src/environment/built-pages.ts'
import { accessibilityIssues, CHROMIUM, screenshots, startBrowser } from './support/browser.ts'
import { cloudWorkspace } from './support/cloud-workspace.ts'
import { ctxlock, Json } from './support/ctxlock.ts'
import { escalatingWorkspace, TASK } from './support/escalating-workspace.ts'
import { ctxlockHere } from './support/in-process.ts'
import { multiplyRuns } from './support/many-runs.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

const QUESTION = 'How is a checksum computed?'
/** Lets a test cut the connection that the log is followed by. */
const CUTTABLE = `{
  const ask = fetch
  window.fetch = (path, options) => {
    if (!path.startsWith('/api/live')) return ask(path, options)
    const cut = new AbortController()
    window.cutLive = () => cut.abort()
    return ask(path, { ...options, signal: AbortSignal.any([options.signal, cut.signal]) })
  }
}`
/** What a hostile source shows: markup, a mark of the redactor, a character that turns the direction. */
const HOSTILE =
  '# Parcel\n\nA checksum is computed over the raw bytes of a box.\n<img src=x onerror=alert(1)> \u202etxt.exe [REDACTED:token:demo]\n'

describe.skipIf(CHROMIUM === undefined)('the console in Chromium, where there is one', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser.close())
  beforeEach(() => {
    vi.stubEnv('CTXLOCK_TEST_KEY', 'sk-test-cloud-0123456789')
    return () => vi.unstubAllEnvs()
  })

  async function served(root: string) {
    const running = await serveConsole({ root, assets: readAssets(builtPages('console', { progress() {} })), port: 0 })
    const context = await browser.newContext()
    onTestFinished(async () => {
      await context.close()
      await running.close()
    })
    const page = await context.newPage()
    await page.addInitScript(CUTTABLE)
    const problems: string[] = []
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
    page.on('pageerror', ({ message }) => problems.push(message))
    return {
      page,
      problems,
      entryUrl: running.entryUrl,
      close: running.close,
      origin: new URL(running.entryUrl).origin,
    }
  }

  async function entered(root: string) {
    const console = await served(root)
    await console.page.goto(console.entryUrl)
    await console.page.getByRole('heading', { level: 1 }).waitFor()
    return console
  }

  /** Looked at by axe and kept as pictures, which fit the width. */
  async function lookedAt(page: Page, view: string): Promise<void> {
    expect(await screenshots(page, view), `${view} is wider than the page`).toBe(true)
    expect(await accessibilityIssues(page), `${view}, dark`).toEqual([])
    await page.emulateMedia({ colorScheme: 'light' })
    expect(await accessibilityIssues(page, ['color-contrast']), `${view}, light`).toEqual([])
  }

  test('an empty workspace says what to do, and shows the first run while it happens', async () => {
    const root = makeWorkspace(SMALL_WORKSPACE)
    const { page, problems, entryUrl } = await served(root)
    const leading = join(root, 'open.html')
    writeFileSync(leading, pageThatLeadsTo(entryUrl))
    await page.goto(pathToFileURL(leading).href)
    await page.getByText('Nothing is recorded here yet').waitFor()
    await lookedAt(page, 'empty')
    expect(problems.filter((problem) => !problem.includes('404'))).toEqual([])
    await ctxlockHere(['ask', QUESTION], root)
    await page.getByRole('link', { name: QUESTION }).waitFor()

    multiplyRuns(root, 120)
    await page.getByRole('link', { name: 'Older' }).waitFor()
    await lookedAt(page, 'runs')
    await page.getByRole('link', { name: 'Older' }).click()
    await page.getByText('question 20').waitFor()
    await page.getByRole('searchbox').fill('checksum')
    await page.getByRole('link', { name: QUESTION }).waitFor()
    expect(await page.locator('.row').count()).toBe(1)
    expect(page.url()).not.toContain('checksum')
  })

  test('a waiting call is looked at, approved by its hash, and followed live', async () => {
    const cloud = await cloudWorkspace({ files: { 'README.md': HOSTILE } })
    const root = cloud.options.cwd
    await ctxlockHere(['ask', QUESTION], root)
    const { page, problems } = await entered(root)
    await page.getByRole('link', { name: 'Approvals 1 waiting' }).click()
    await page.getByRole('heading', { name: 'Approvals' }).waitFor()
    await lookedAt(page, 'approvals')
    await page.getByRole('main').getByRole('link').click()
    const bytes = page.getByLabel('What would be sent, as text')
    await bytes.waitFor()
    expect(await bytes.getByText('U+202E').count()).toBeGreaterThan(0)
    expect(await bytes.locator('.redaction').allTextContents()).toContain('[REDACTED:token:demo]')
    expect(await page.locator('img').count()).toBe(0)
    await page.getByLabel('Search these bytes').fill('RAW bytes')
    await page.getByText(/^1 of \d+$/).waitFor()
    await lookedAt(page, 'approval')

    const approve = page.getByRole('button', { name: 'Approve' })
    const hash = page.getByLabel(/^Type [0-9a-f]{8}/)
    await hash.fill('00000000')
    expect(await approve.isDisabled()).toBe(true)
    const [expected = ''] = (await page.locator('.decision code').allTextContents()) ?? []
    await hash.fill(expected)
    await approve.click()
    await page.getByText(/^Approved by person:/).waitFor()
    expect(cloud.server.bodies).toEqual([])
    await page.getByText(/^ctxlock resume [0-9a-f]{8}$/).waitFor()
    await lookedAt(page, 'approved')

    await page.getByRole('link', { name: /^run [0-9a-f]{8}$/ }).click()
    await page.getByText('A person approved the bytes').waitFor()
    await page.getByText('followed live').waitFor()
    const again = page.waitForRequest((request) => request.headers()['last-event-id'] !== undefined)
    await page.evaluate('cutLive()')
    await again
    expect((await ctxlockHere(['resume', 'last'], root)).code).toBe(0)
    await page.getByText('Run ended: completed', { exact: true }).waitFor()
    const seen = await page.locator('.entry summary').allTextContents()
    expect(new Set(seen).size).toBe(seen.length)
    await page.getByText('completed', { exact: true }).first().waitFor()
    await lookedAt(page, 'run')
    expect(cloud.server.bodies).toHaveLength(1)
    expect(problems).toEqual([])
  })

  test('a yes covers further calls of the sessions that are chosen, within limits', async () => {
    const cloud = await cloudWorkspace()
    const root = cloud.options.cwd
    await ctxlockHere(['ask', QUESTION], root)
    await ctxlockHere(['ask', QUESTION], root)
    const { page, problems, origin } = await entered(root)
    await page.goto(`${origin}/#/approvals`)
    await page.getByRole('main').getByRole('link').first().click()
    const approve = page.getByRole('button', { name: 'Approve' })
    // Waits for the view, which `allTextContents` does not.
    const expected = await page.locator('.decision code').textContent()
    await page.getByLabel(/^Type [0-9a-f]{8}/).fill(expected ?? '')
    await page.getByLabel('What it covers').selectOption('broadcast')
    expect(await approve.isDisabled()).toBe(true)
    await page.getByRole('checkbox', { name: QUESTION }).check()
    await approve.click()
    expect(await page.locator('input:invalid').count()).toBe(2)
    await page.getByLabel('Calls at most').fill('2')
    await page.getByLabel('Bytes in all of them').fill('60000')
    await lookedAt(page, 'approval-terms')
    await approve.click()
    await page.getByText(/at most 2\scalls and 60,000\sbytes in all/).waitFor()
    expect(cloud.server.bodies).toEqual([])
    for (const run of new Json(JSON.parse((await ctxlockHere(['runs', '--json'], root)).stdout)).at('runs').items)
      expect((await ctxlockHere(['resume', run.at('run_id').text], root)).code).toBe(0)
    expect(cloud.server.bodies).toHaveLength(2)
    expect(problems).toEqual([])
  })

  test('a denied child leads to a gate, whose commands stand there', async () => {
    const space = await escalatingWorkspace({ files: { 'task.json': JSON.stringify(TASK) } })
    const { error } = await ctxlockHere(['run', join(space.cwd, 'task.json')], space.cwd)
    const request = new Json(error?.details).at('request_id').text
    const { page, problems, origin } = await entered(space.cwd)
    await page.goto(`${origin}/#/approvals/${request}`)
    await page.getByLabel('Why not (kept with the answer)').fill('not this file')
    await page.getByRole('button', { name: 'Deny' }).click()
    await page.getByText('“not this file”').waitFor()
    expect((await ctxlockHere(['resume', 'last'], space.cwd)).error?.code).toBe('escalation_exhausted')
    await page.getByRole('link', { name: /^run [0-9a-f]{8}$/ }).click()
    await page.getByText(/^ctxlock continue [0-9a-f]{8}$/).waitFor()
    await lookedAt(page, 'gate')
    expect(space.far.bodies).toEqual([])
    expect(problems).toEqual([])
  })

  test('a call shows its budget, sources, guards and bytes, and names the source that changed', async () => {
    const root = makeWorkspace(SMALL_WORKSPACE)
    await ctxlockHere(['ask', QUESTION], root)
    const { stdout } = await ctxlock(['show', 'last'], { cwd: root })
    const { page, problems } = await entered(root)
    await page.getByRole('link', { name: QUESTION }).click()
    await page
      .getByRole('link', { name: /^call [0-9a-f]{8}$/ })
      .first()
      .click()
    await page.getByRole('heading', { name: 'What the model saw' }).waitFor()
    await page.getByRole('button', { name: /^Put the / }).click()
    const bytes = page.getByLabel('What was sent, as text')
    await bytes.waitFor()
    expect(await bytes.textContent()).toBe(stdout)
    await lookedAt(page, 'call')

    writeFileSync(join(root, 'README.md'), '# Other\n')
    await page.reload()
    await page.getByRole('button', { name: /^Put the / }).click()
    await page.getByText(/^the bytes cannot be rebuilt: README.md is now /).waitFor()
    expect(problems.filter((problem) => !problem.includes('409'))).toEqual([])
  })

  test('by keys alone', async () => {
    const { page } = await entered(makeWorkspace(SMALL_WORKSPACE))
    await page.keyboard.press('Tab')
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('main')
    await page.keyboard.press('g')
    await page.keyboard.press('a')
    await page.waitForURL(/#\/approvals$/)
    await page.waitForFunction("document.activeElement.id === 'main'")
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    await lookedAt(page, 'keys')
    await page.keyboard.press('Escape')
    await page.keyboard.press('g')
    await page.keyboard.press('r')
    await page.getByRole('searchbox').waitFor()
    await page.keyboard.press('/')
    expect(await page.evaluate<string>('document.activeElement.type')).toBe('search')
  })

  test('is not opened by another name, without the token, or from another page', async () => {
    const { page, origin, entryUrl, close } = await served(makeWorkspace(SMALL_WORKSPACE))
    const { port } = new URL(origin)
    await page.goto(entryUrl.replace('127.0.0.1', 'rebound.example'))
    expect(await page.textContent('body')).toContain('HOST_FOREIGN')
    await page.goto(`http://localhost:${port}/`)
    expect(await page.textContent('body')).toContain('HOST_FOREIGN')
    await page.goto(origin)
    expect(await page.textContent('body')).toContain('NOT_ENTERED')

    await page.goto(entryUrl)
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(page.url()).toBe(`${origin}/`)
    const other = await served(makeWorkspace(SMALL_WORKSPACE))
    await page.goto(other.entryUrl)
    await page.getByRole('heading', { level: 1 }).waitFor()
    const forged = (mode: string) =>
      page.evaluate<string>(
        `fetch('${origin}/api/approvals', { mode: '${mode}', credentials: 'include' }).then((answer) => answer.type, () => 'refused')`,
      )
    expect([await forged('cors'), await forged('no-cors')]).toEqual(['refused', 'refused'])
    await page.goto(entryUrl)
    expect(await page.textContent('body')).toContain('ENTRY_USED')
    await page.goto(origin)
    await page.getByText('Nothing is recorded here yet').waitFor()
    await close()
    await page.getByText('the console does not answer').waitFor()
  })
})
