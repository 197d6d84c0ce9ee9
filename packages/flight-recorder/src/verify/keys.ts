import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { hasLog } from '../log-tables.ts'
import { safeInteger } from '../safe-integer.ts'
import { keysOf } from './examined-event.ts'
import type { ExaminedEvent } from './examined-event.ts'
import type { Break } from './report.ts'

/** Compares the lookup keys with the events. Events newer than all keys have none yet; a query will add them. */
export function createKeyCheck(database: SqlDatabase) {
  const highest = hasLog(database)
    ? Number(database.prepare(`SELECT ${safeInteger('max(seq)')} AS seq FROM flight_key`).get()?.['seq'] ?? 0)
    : 0
  const breaks: Break[] = []
  let lastSeq = 0
  function push({ seq, event, isEmpty }: ExaminedEvent, keys: unknown): void {
    lastSeq = seq
    const isRight = isEmpty
      ? keys === null
      : keys === null
        ? seq > highest
        : event === undefined || keysOf(event) === keys
    if (!isRight) breaks.push({ reason: 'edited_keys', from: seq, to: seq })
  }
  /** Keys of events that are missing from the end say nothing new. */
  function finish(expected: number): Break[] {
    if (highest > Math.max(lastSeq, expected)) breaks.push({ reason: 'edited_keys', from: highest, to: highest })
    return breaks
  }
  return { push, finish }
}
