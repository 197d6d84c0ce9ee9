// The views of the record as a whole: what calls took, which packs are stale, whether the log is whole.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { readAssets } from '../src/console/assets.ts'
import { serveConsole } from '../src/console/serve-console.ts'
import { builtPages } from '../src/environment/built-pages.ts'
import { accessibilityIssues, CHROMIUM, screenshots, startBrowser } from './support/browser.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, SMALL_WORKSPACE, THREE_STEPS } from './support/workspace.ts'

describe.skipIf(CHROMIUM === undefined)('in Chromium, where there is one', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser.close())

  async function entered(root: string) {
    const served = await serveConsole({ root, assets: readAssets(builtPages('console', { progress() {} })), port: 0 })
    const context = await browser.newContext()
    onTestFinished(async () => {
      await context.close()
      await served.close()
    })
    const page = await context.newPage()
    const problems: string[] = []
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
    page.on('pageerror', ({ message }) => problems.push(message))
    await page.goto(served.entryUrl)
    await page.getByRole('heading', { level: 1 }).waitFor()
    return { page, problems }
  }

  async function lookedAt(page: Page, view: string): Promise<void> {
    expect(await screenshots(page, view), `${view} is wider than the page`).toBe(true)
    expect(await accessibilityIssues(page), view).toEqual([])
  }

  test('usage tells unknown from zero, packs name the source that changed, and the log is verified on request', async () => {
    const root = makeWorkspace({ ...SMALL_WORKSPACE, 'task.json': JSON.stringify(THREE_STEPS) })
    await ctxlockHere(['run', join(root, 'task.json')], root)
    const { page, problems } = await entered(root)

    await page.getByRole('link', { name: 'Usage' }).click()
    await page.locator('.plot canvas').nth(3).waitFor()
    const byModel = page.getByRole('table', { name: 'Usage by model' })
    // The embedded provider costs nothing, which is known, and says nothing of a cache, which is not.
    expect(await byModel.innerText()).toMatch(/extractive at embedded[\s\S]*unknown[\s\S]*\$0/)
    await lookedAt(page, 'usage')

    await page.getByRole('link', { name: 'Packs' }).click()
    await page.getByText('Every pack fits its source').waitFor()
    writeFileSync(join(root, 'README.md'), '# Parcel, changed\n')
    await page.getByLabel('Show').selectOption('all')
    await page.getByRole('row', { name: /README\.md.*stale/ }).waitFor()
    await page.getByRole('row', { name: /checksum\.ts.*fresh/ }).waitFor()
    await lookedAt(page, 'packs')

    await page.getByRole('link', { name: 'Log' }).click()
    await page.getByRole('button', { name: 'Verify now' }).click()
    await page.getByText('intact and anchored').waitFor()
    await lookedAt(page, 'log')

    const database = new DatabaseSync(join(root, '.ctxlock/state.db'))
    database.exec(
      `DROP TRIGGER flight_event_keeps; UPDATE flight_event SET event = replace(event, '2026', '2027') WHERE seq = 4`,
    )
    database.close()
    await page.getByRole('button', { name: 'Verify now' }).click()
    await page.getByText('edited event at 4').waitFor()
    await lookedAt(page, 'log-broken')
    expect(problems).toEqual([])
  })
})
