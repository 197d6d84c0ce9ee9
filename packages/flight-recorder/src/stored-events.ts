import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { catchUpKeys } from './event-keys.ts'
import { hasLog } from './log-tables.ts'
import { onDatabase } from './recorder-error.ts'

/** An event as it is stored. Nothing of it was checked. */
export interface StoredEvent {
  readonly seq: number
  /** Canonical text without its hash. */
  readonly text: string
  readonly hash: string
}

/** The events of a run as they are stored, in order: for whoever hands them on to be checked elsewhere. Code: HSK-500-DB. */
export function storedEvents(database: SqlDatabase, workflowRunId: string): StoredEvent[] {
  return onDatabase('Reading the events of a run', () => {
    if (!hasLog(database)) return []
    catchUpKeys(database)
    return database
      .prepare(
        `SELECT e.seq, e.event, e.event_hash FROM flight_key k JOIN flight_event e USING (seq)
         WHERE k.workflow_run_id = ? ORDER BY e.seq`,
      )
      .all(workflowRunId)
      .map(({ seq, event, event_hash }) => ({ seq: Number(seq), text: String(event), hash: String(event_hash) }))
  })
}
