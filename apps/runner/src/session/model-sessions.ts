import { ModelSession, type ModelSessionState } from '@ctxlock/contracts/model-session'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { settle } from '@ctxlock/core-hash'

import { onceFor, rememberValues } from './remembered-values.ts'

/** The conversations with models, each as it stands (MT-068). Every change is an event too. */
export interface ModelSessions {
  find(sessionId: string): ModelSession | undefined
  /** `runId` is the one by which its run is gone on with, `callId` its last call; left out where no call changes it. */
  put(session: ModelSession, by?: { readonly runId: string; readonly callId: string }): void
  /** In the order in which they began. */
  ofRun(runId: string): readonly ModelSession[]
  ofCall(callId: string): ModelSession | undefined
}

const FINAL: ReadonlySet<ModelSessionState> = new Set(['COMPLETED', 'FAILED', 'CANCELLED'])

/** A session that has ended stays what it is. */
export function hasSessionEnded({ state }: Pick<ModelSession, 'state'>): boolean {
  return FINAL.has(state)
}

const TABLE = `CREATE TABLE IF NOT EXISTS runner_model_session (
  position INTEGER PRIMARY KEY, session_id TEXT NOT NULL UNIQUE, run_id TEXT NOT NULL, call_id TEXT NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS runner_model_session_run ON runner_model_session (run_id);
CREATE INDEX IF NOT EXISTS runner_model_session_call ON runner_model_session (call_id)`

export function openModelSessions(database: SqlDatabase): ModelSessions {
  database.exec(TABLE)
  // The row is read each time; only the exact text that was written or parsed before is not parsed again.
  const known = rememberValues<ModelSession>(64)
  const parsed = (record: string) => onceFor(known, record, () => settle(ModelSession.parse(JSON.parse(record))))
  const where = (column: 'session_id' | 'run_id' | 'call_id', value: string) =>
    database
      .prepare(`SELECT record FROM runner_model_session WHERE ${column} = ? ORDER BY position`)
      .all(value)
      .map(({ record }) => parsed(String(record)))
  return {
    find: (sessionId) => where('session_id', sessionId)[0],
    ofRun: (runId) => where('run_id', runId),
    ofCall: (callId) => where('call_id', callId)[0],
    put(session, by) {
      const { session_id } = session
      const record = JSON.stringify(session)
      known.set(record, settle(session))
      if (!by) {
        database.prepare('UPDATE runner_model_session SET record = ? WHERE session_id = ?').run(record, session_id)
        return
      }
      database
        .prepare(
          `INSERT INTO runner_model_session (session_id, run_id, call_id, record) VALUES (?, ?, ?, ?)
           ON CONFLICT (session_id) DO UPDATE SET call_id = excluded.call_id, record = excluded.record`,
        )
        .run(session_id, by.runId, by.callId, record)
    },
  }
}
