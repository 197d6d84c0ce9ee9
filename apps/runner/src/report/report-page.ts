import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { ReportFile } from '@ctxlock/log-verifier/browser'

import { builtPages } from '../environment/built-pages.ts'
import type { Output } from '../output/output.ts'

const PLACE = '<script type="application/json" id="report">'

/** The page of a report with its data in it. */
export function reportPage(data: ReportFile, output: Pick<Output, 'progress'>): string {
  const page = readFileSync(join(builtPages('report', output), 'index.html'), 'utf8')
  const [before, after, ...more] = page.split(PLACE)
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error('Expected one place for the data in the page of the report.')
  return `${before}${PLACE}${scriptSafe(JSON.stringify(data))}${after}`
}

/** JSON that no browser can read as the end of its element, the start of another or a line of its own. */
export function scriptSafe(json: string): string {
  return json.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
