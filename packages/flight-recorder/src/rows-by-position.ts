import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { safeInteger } from './safe-integer.ts'

/** A chunk is read faster than its rows one by one, and holds some hundred kilobytes. */
const CHUNK = 256
const LOWEST = -(2n ** 63n)

/** The first column of such a query. */
export const POSITION = safeInteger('e.seq')

/** The columns of a row by their number, from 0. */
export type Columns = Readonly<Record<number, unknown>>

/**
 * All rows of a query over `flight_event e`, by position; it has no conditions of its own and selects `POSITION` first. The caller's
 * transaction makes the chunks one view. Of rows behind all safe integers one chunk is read.
 */
export function* rowsByPosition(database: SqlDatabase, query: string): Generator<Columns> {
  const chunk = database.prepare(`${query} WHERE e.seq >= ? ORDER BY e.seq LIMIT ${CHUNK}`)
  chunk.setReturnArrays(true)
  let rows: Columns[] = chunk.all(LOWEST)
  while (rows.length > 0) {
    yield* rows
    const last = Number(rows.at(-1)?.[0])
    rows = rows.length < CHUNK || last === Number.MAX_SAFE_INTEGER ? [] : chunk.all(last + 1)
  }
}
