import type { SqlDatabase } from '@ctxlock/contracts/ports'

/** A chunk is read faster than its rows one by one, and holds some hundred kilobytes. */
const CHUNK = 256
const LOWEST = -(2n ** 63n)

/**
 * All rows of a query over `flight_event e`, by position; it has no conditions of its own and selects `e.seq` as `seq`. The caller's
 * transaction makes the chunks one view.
 */
export function* rowsByPosition(database: SqlDatabase, query: string): Generator<Record<string, unknown>> {
  const chunk = database.prepare(`${query} WHERE e.seq >= ? ORDER BY e.seq LIMIT ${CHUNK}`)
  let rows = chunk.all(LOWEST)
  while (rows.length > 0) {
    yield* rows
    rows = rows.length < CHUNK ? [] : chunk.all(Number(rows.at(-1)?.['seq']) + 1)
  }
}
