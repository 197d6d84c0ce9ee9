import type { SqlDatabase } from '@ctxlock/contracts/ports'

const TABLE = `CREATE TABLE IF NOT EXISTS runner_control (
  run_id TEXT PRIMARY KEY, request TEXT NOT NULL
) STRICT, WITHOUT ROWID`

/** What people ask of runs that are under way; heard at the end of an iteration, by whichever process works on the run. */
export interface RunControls {
  ask(runId: string, request: 'pause' | 'skip'): void
  of(runId: string): 'none' | 'pause' | 'skip'
  clear(runId: string): void
}

export function openRunControls(database: SqlDatabase): RunControls {
  database.exec(TABLE)
  return {
    ask(runId, request) {
      database.prepare('INSERT OR REPLACE INTO runner_control (run_id, request) VALUES (?, ?)').run(runId, request)
    },
    of(runId) {
      const request = database.prepare('SELECT request FROM runner_control WHERE run_id = ?').get(runId)?.['request']
      return request === 'pause' || request === 'skip' ? request : 'none'
    },
    clear(runId) {
      database.prepare('DELETE FROM runner_control WHERE run_id = ?').run(runId)
    },
  }
}
