// What the redactor finds in a file of texts with absolute paths, and what it takes for a path in texts that hold none.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { z } from 'zod'

import { createRedactor } from '../../../packages/ace-validators/src/redactor.ts'
import { covers, share, touches } from './spans/found-spans.ts'

export const name = 'paths'

export interface Result {
  readonly total: { readonly rows: number; readonly paths: number; readonly benign: number }
  /** Of rows that are not contested: paths of which anything is found. */
  readonly recall: number
  /** Paths that are found from end to end. */
  readonly covered: number
  /** Rows without a path in which something is taken for one. */
  readonly falsePositive: number
}

const Row = z.object({
  id: z.string(),
  kind: z.string(),
  text: z.string(),
  /** People would not agree whether it gives anything away. */
  contested: z.boolean().optional(),
  paths: z.array(z.object({ start: z.int(), end: z.int() })),
})

/** `--rows FILE`: JSON lines. Prints the missed and the wrongly flagged rows. */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({ args: [...args], options: { rows: { type: 'string' } } })
  if (values.rows === undefined) throw new Error('Expected --rows FILE.')
  const redactor = createRedactor()
  const lines = readFileSync(values.rows, 'utf8').split('\n')
  const rows = lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const row = Row.parse(JSON.parse(line))
      const found = redactor.detect(row.text).filter(({ category }) => category === 'path')
      return { row, found }
    })
  const judged = rows.filter(({ row }) => row.contested !== true)
  const paths = judged.flatMap(({ row, found }) => row.paths.map((path) => ({ row, path, found })))
  const benign = judged.filter(({ row }) => row.paths.length === 0)
  for (const { row, path, found } of paths) {
    if (!covers(found, path)) console.log(`${touches(found, path) ? 'in part' : 'missed'}: ${row.id} (${row.kind})`)
  }
  for (const { row, found } of benign) if (found.length > 0) console.log(`flagged: ${row.id} (${row.kind})`)
  return {
    total: { rows: rows.length, paths: paths.length, benign: benign.length },
    recall: share(paths, ({ path, found }) => touches(found, path)),
    covered: share(paths, ({ path, found }) => covers(found, path)),
    falsePositive: share(benign, ({ found }) => found.length > 0),
  }
}
