// What the redactor finds in a file of texts with absolute paths, and what it takes for a path in texts that hold none.
import { parseArgs } from 'node:util'

import { createRedactor } from '../../../packages/ace-validators/src/redactor.ts'
import { generatedPathRows, readPathRows } from './paths/path-rows.ts'
import { covers, share, touches } from './spans/found-spans.ts'

export interface Result {
  readonly total: { readonly rows: number; readonly paths: number; readonly benign: number }
  /** Of rows that are not contested: paths of which anything is found. */
  readonly recall: number
  /** Paths that are found from end to end. */
  readonly covered: number
  /** Rows without a path in which something is taken for one. */
  readonly falsePositive: number
}

/** `--rows FILE`: JSON lines; without it rows made by us. Prints the missed and the wrongly flagged rows. */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({ args: [...args], options: { rows: { type: 'string' } } })
  const redactor = createRedactor()
  const read = values.rows === undefined ? generatedPathRows() : readPathRows(values.rows)
  const rows = read.map((row) => {
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
