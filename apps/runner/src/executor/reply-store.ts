import { ModelReply } from '@ctxlock/contracts/micro-task-iteration'
import type { SqlDatabase } from '@ctxlock/contracts/ports'

const TABLE = `CREATE TABLE IF NOT EXISTS runner_reply (
  run_id TEXT NOT NULL, step_id TEXT NOT NULL, reply TEXT NOT NULL, PRIMARY KEY (run_id, step_id)
) STRICT, WITHOUT ROWID`

/** The answer of each iteration, written in the transaction that settles its call: a crash right after repeats no call. */
export interface ReplyStore {
  find(runId: string, stepId: string): ModelReply | undefined
  add(runId: string, stepId: string, reply: ModelReply): void
}

export function openReplyStore(database: SqlDatabase): ReplyStore {
  database.exec(TABLE)
  return {
    find(runId, stepId) {
      const row = database.prepare('SELECT reply FROM runner_reply WHERE run_id = ? AND step_id = ?').get(runId, stepId)
      return row && ModelReply.parse(JSON.parse(String(row['reply'])))
    },
    add(runId, stepId, reply) {
      database
        .prepare('INSERT OR REPLACE INTO runner_reply (run_id, step_id, reply) VALUES (?, ?, ?)')
        .run(runId, stepId, JSON.stringify(reply))
    },
  }
}
