import { EngineError } from '@ctxlock/contracts/engine'
import type { Clock, SqlDatabase } from '@ctxlock/contracts/ports'
import type { JsonValue } from '@ctxlock/core-hash'

import { textOf } from './run-row.ts'
import { fromStoredJson, type StoredJson } from './stored-json.ts'

/**
 * `step` and `failure` are how steps ended, `now` what the clock said; `signal`, `sleep` and `retry` that such a wait is over, and
 * with `-until` when its time is over.
 */
export type EntryKind = 'step' | 'failure' | 'now' | WaitKind | `${WaitKind}-until`
export type WaitKind = 'signal' | 'sleep' | 'retry'

/** What happened to runs: an entry is written once and never changed, so whatever comes first under a key stands. */
export interface Journal {
  read(runId: string, kind: EntryKind, key: string): JsonValue | undefined
  /** The same for an input, which must be that of the entry. Throws `NON_DETERMINISM`. */
  recall(runId: string, kind: EntryKind, key: string, inputHash: string): JsonValue | undefined
  /** False when there was an entry already, which stands. */
  add(runId: string, kind: EntryKind, key: string, inputHash: string, result: StoredJson): boolean
  /** Forgets what failed, so that it can be tried again. */
  forgetFailures(runId: string): void
}

export function openJournal(database: SqlDatabase, clock: Pick<Clock, 'now'>): Journal {
  const select = database.prepare(
    'SELECT input_hash, result FROM engine_journal WHERE run_id = ? AND kind = ? AND key = ?',
  )
  const insert = database.prepare(
    `INSERT INTO engine_journal (run_id, kind, key, input_hash, result, written_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  )
  const forget = database.prepare(
    `DELETE FROM engine_journal WHERE run_id = ? AND kind IN ('failure', 'retry', 'retry-until')`,
  )
  return {
    read(runId, kind, key) {
      const row = select.get(runId, kind, key)
      return row && fromStoredJson(row['result'], `${kind} ${runId}/${key}`)
    },
    recall(runId, kind, key, inputHash) {
      const row = select.get(runId, kind, key)
      if (!row) return undefined
      demandSameInput(`${kind} ${runId}/${key}`, textOf(row, 'input_hash'), inputHash)
      return fromStoredJson(row['result'], `${kind} ${runId}/${key}`)
    },
    add(runId, kind, key, inputHash, result) {
      return Number(insert.run(runId, kind, key, inputHash, result.text, clock.now()).changes) === 1
    },
    forgetFailures(runId) {
      forget.run(runId)
    },
  }
}

export function demandSameInput(what: string, recorded: string, given: string): void {
  if (recorded === given) return
  throw new EngineError(
    'NON_DETERMINISM',
    `Expected ${what} with the input ${recorded}, got ${given}. Code or its data changed within a run; start a new run, or give the step a new key.`,
  )
}
