import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { readAssets } from '../src/console/assets.ts'
import { consoleFolder } from '../src/console/console-folder.ts'
import { serveConsole } from '../src/console/serve-console.ts'
import { accessibilityIssues, CHROMIUM, screenshots, startBrowser } from './support/browser.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

describe.skipIf(CHROMIUM === undefined)('in Chromium (skipped: this machine has none)', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser.close())

  /** A page of a console over this workspace, entered by the printed address. */
  async function entered(root: string): Promise<Page> {
    const served = await serveConsole({ root, assets: readAssets(consoleFolder({ progress() {} })), port: 0 })
    const context = await browser.newContext()
    onTestFinished(async () => {
      await context.close()
      await served.close()
    })
    const page = await context.newPage()
    await page.goto(served.entryUrl)
    await page.waitForSelector('h1')
    return page
  }

  test('the runs of a workspace', async () => {
    const root = makeWorkspace(SMALL_WORKSPACE)
    await ctxlockHere(['ask', 'How is a checksum computed?'], root)
    const page = await entered(root)
    await page.getByText('How is a checksum computed?').waitFor()
    expect(page.url()).not.toContain('key')
    expect(await screenshots(page, 'runs')).toBe(true)
    expect(await accessibilityIssues(page)).toEqual([])
  })
})
