import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { catchUpKeys } from './event-keys.ts'
import { hasLog } from './log-tables.ts'
import { onDatabase } from './recorder-error.ts'
import { textOf } from './segment/segment-files.ts'

/** An event as it is stored. Nothing of it was checked. */
export interface StoredEvent {
  readonly seq: number
  /** Canonical text without its hash; null when it was erased. */
  readonly text: string | null
  readonly hash: string
}

/** The events of a run as they are stored, in order: for whoever hands them on to be checked elsewhere. Code: HSK-500-DB. */
export function storedEvents(database: SqlDatabase, workflowRunId: string): StoredEvent[] {
  return onDatabase('Reading the events of a run', () => {
    if (!hasLog(database)) return []
    catchUpKeys(database)
    return database
      .prepare(
        `SELECT e.seq, ${textOf(database)} AS event, e.event_hash FROM flight_key k JOIN flight_event e USING (seq)
         WHERE k.workflow_run_id = ? ORDER BY e.seq`,
      )
      .all(workflowRunId)
      .map(storedEvent)
  })
}

/** The events at these positions: one that was erased has lost the key that says whose it was. Code: HSK-500-DB. */
export function storedEventsAt(database: SqlDatabase, from: number, to: number): StoredEvent[] {
  return onDatabase('Reading events', () =>
    database
      .prepare(
        `SELECT e.seq, ${textOf(database)} AS event, e.event_hash FROM flight_event e WHERE e.seq BETWEEN ? AND ? ORDER BY e.seq`,
      )
      .all(from, to)
      .map(storedEvent),
  )
}

function storedEvent({ seq, event, event_hash }: Readonly<Record<string, unknown>>): StoredEvent {
  return { seq: Number(seq), text: typeof event === 'string' ? event : null, hash: String(event_hash) }
}
