import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { newestCheckpoint } from './checkpoint/checkpoint-log.ts'
import { hasLog } from './log-tables.ts'
import { onDatabase } from './recorder-error.ts'
import { textOf } from './segment/segment-files.ts'

/** What a log says of itself, unchecked: verify says what of it is true. */
export interface LogFigures {
  readonly events: number
  /** Texts that are not in the database: erased, or sealed into segments. */
  readonly outside: number
  readonly checkpoints: number
  /** The newest one, and when the last event it covers was recorded; null where that was erased. */
  readonly checkpoint: { readonly size: number; readonly at: string | null } | null
}

/** Reads a few numbers of a log. Codes: HSK-500-DB, HSK-409-LOG-DIVERGED for a checkpoint that is none. */
export function logFigures(database: SqlDatabase): LogFigures {
  return onDatabase('Reading figures of the log', () => {
    if (!hasLog(database)) return { events: 0, outside: 0, checkpoints: 0, checkpoint: null }
    const one = (sql: string, ...values: number[]) => database.prepare(sql).get(...values)?.['value']
    const newest = newestCheckpoint(database)
    const at =
      newest &&
      one(`SELECT ${textOf(database)} ->> '$.timestamp' AS value FROM flight_event e WHERE seq = ?`, newest.size)
    return {
      events: Number(one('SELECT count(*) AS value FROM flight_event')),
      outside: Number(one('SELECT count(*) AS value FROM flight_event WHERE event IS NULL')),
      checkpoints: Number(one('SELECT count(*) AS value FROM flight_checkpoint')),
      checkpoint: newest ? { size: newest.size, at: typeof at === 'string' ? at : null } : null,
    }
  })
}
