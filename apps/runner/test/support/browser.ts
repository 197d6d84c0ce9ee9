import { existsSync, mkdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

import axe from 'axe-core'
import { chromium, type Browser, type Page } from 'playwright-core'

/** Kept as output of a CI run; in no commit. */
export const SCREENSHOTS = join(import.meta.dirname, '../../../../screenshots')

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/** The Chromium of this machine, if it has one; `CHROMIUM` may name another. */
export const CHROMIUM =
  process.env['CHROMIUM'] ??
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((path) => existsSync(path))

export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM ?? '',
    // A container has no user namespaces for the sandbox; the pages are our own.
    chromiumSandbox: false,
    args: [
      // A name that leads here, as a rebound one would.
      '--host-resolver-rules=MAP rebound.example 127.0.0.1',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** Serious and critical issues of the page as it stands, in words; of all rules, or of these. */
export async function accessibilityIssues(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  // Handed to the page by the debugger: its own policy allows no foreign script.
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<axe.AxeResults>(`axe.run(${JSON.stringify({ runOnly: rules })})`)
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary ?? ''}`),
    )
}

const WIDTHS = [360, 1280]
const SCHEMES = ['light', 'dark'] as const

/** The page at both widths in both schemes, as files that are named after the view; true if it fits the width each time. */
export async function screenshots(page: Page, view: string): Promise<boolean> {
  mkdirSync(SCREENSHOTS, { recursive: true })
  let fits = true
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 })
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.screenshot({ path: join(SCREENSHOTS, `${view}-${width}-${colorScheme}.png`), fullPage: true })
    }
    fits &&= (await page.evaluate<number>('document.documentElement.scrollWidth')) <= width
  }
  return fits
}
