import type { FlightEvent } from '@ctxlock/contracts/events'
import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { diverged } from './checkpoint/diverged.ts'
import { hasLog } from './log-tables.ts'
import { onDatabase } from './recorder-error.ts'
import { examineEvent } from './verify/examined-event.ts'
import { textOf } from './segment/segment-files.ts'

export interface LogPart {
  /** In the order of the log; erased ones are left out. */
  readonly events: readonly FlightEvent[]
  /** The position up to which the log was read; hand it in to read on. It is the given one at the end of the log. */
  readonly upTo: number
}

/** The next events of the log, at most `limit` positions. Code: HSK-409-LOG-DIVERGED for one that was changed. */
export function eventsAfter(database: SqlDatabase, seq: number, limit: number): LogPart {
  return onDatabase('Reading the log', () => {
    if (!hasLog(database)) return { events: [], upTo: seq }
    const select = database.prepare(
      `SELECT e.seq, ${textOf(database)} AS event, e.event_hash FROM flight_event e WHERE e.seq > ? ORDER BY e.seq LIMIT ?`,
    )
    const examined = select
      .all(seq, limit)
      .map((row) => examineEvent(Number(row['seq']), row['event'], row['event_hash']))
    if (examined.some(({ fault }) => fault !== undefined)) throw diverged()
    return { events: examined.flatMap(({ event }) => event ?? []), upTo: examined.at(-1)?.seq ?? seq }
  })
}
