import type { RunState } from '@ctxlock/contracts/engine'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import type { JsonValue } from '@ctxlock/core-hash'

import { stateOf } from './run-row.ts'
import { fromStoredJson } from './stored-json.ts'

/** What the journal holds of one run, for whoever looks back at it; undefined for what never happened. */
export interface StoredRun {
  /** The result of a finished step, and what it was known by (`identityOfStep`). */
  step(key: string): { readonly result: JsonValue; readonly identity: string } | undefined
  signal(name: string): JsonValue | undefined
  /** Milliseconds since the Unix epoch. */
  now(key: string): number | undefined
}

/** Reads only; the database has to be one that an engine wrote. Throws `STATE_CORRUPT` for entries that cannot be read. */
export function readStoredRun(database: SqlDatabase, runId: string): StoredRun {
  const select = database.prepare(
    'SELECT input_hash, result FROM engine_journal WHERE run_id = ? AND kind = ? AND key = ?',
  )
  const entry = (kind: string, key: string) => {
    const row = select.get(runId, kind, key)
    const result = row && fromStoredJson(row['result'], `${kind} ${runId}/${key}`)
    return row && result !== undefined ? { identity: String(row['input_hash']), result } : undefined
  }
  return {
    step: (key) => entry('step', key),
    signal(name) {
      const decision = entry('signal', name)?.result
      return typeof decision === 'object' && decision !== null && !Array.isArray(decision)
        ? decision['payload']
        : undefined
    },
    now(key) {
      const time = entry('now', key)?.result
      return typeof time === 'number' ? time : undefined
    },
  }
}

/**
 * Where a run stands, for whoever decides by it inside a transaction; undefined for one that was never started, also where no engine has
 * written yet. Throws `STATE_CORRUPT`.
 */
export function readRunState(database: SqlDatabase, runId: string): RunState | undefined {
  const table = database.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'engine_run'`).get()
  const row = table && database.prepare('SELECT state FROM engine_run WHERE run_id = ?').get(runId)
  return row && stateOf(row)
}
