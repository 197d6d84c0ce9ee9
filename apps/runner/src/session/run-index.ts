import { RunRequest } from '@ctxlock/contracts/call'
import type { ArtifactStore, SqlDatabase } from '@ctxlock/contracts/ports'
import { parseCanonical } from '@ctxlock/core-hash'

import type { CommandError } from '../command-error.ts'
import { refuseErasedRun } from './erased.ts'
import { likePrefix } from './like-prefix.ts'
import { storeRecord } from './store-record.ts'
import { unknownId } from './unknown-id.ts'

/** What each run of `ask`, `run` and `rerun` was asked. */
export interface RunIndex {
  add(request: RunRequest): void
  /** By its id, a unique beginning of it, or `last`. Throws `RUN_UNKNOWN`. */
  find(name: string): RunRequest
  /** By its whole id; undefined for a run that nothing was asked of, such as a child. */
  get(runId: string): RunRequest | undefined
}

const TABLE = `CREATE TABLE IF NOT EXISTS runner_run (
  position INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, request_hash TEXT NOT NULL
) STRICT`

export function openRunIndex(database: SqlDatabase, artifacts: ArtifactStore): RunIndex {
  database.exec(TABLE)
  const select = database.prepare('SELECT run_id, request_hash FROM runner_run WHERE run_id = ?')
  const requestOf = ({ run_id, request_hash }: Readonly<Record<string, unknown>>): RunRequest => {
    const request = RunRequest.parse(parseCanonical(artifacts.get(String(request_hash))))
    if (request.run_id !== run_id) throw unknown(String(run_id))
    return request
  }
  return {
    add(request) {
      const { content_hash } = storeRecord(artifacts, request)
      database.prepare('INSERT INTO runner_run (run_id, request_hash) VALUES (?, ?)').run(request.run_id, content_hash)
    },
    find(name) {
      const rows =
        name === 'last'
          ? database.prepare('SELECT run_id, request_hash FROM runner_run ORDER BY position DESC LIMIT 1').all()
          : database
              .prepare("SELECT run_id, request_hash FROM runner_run WHERE run_id LIKE ? || '%' ESCAPE '\\' LIMIT 2")
              .all(likePrefix(name))
      const [row] = rows
      if (!row) refuseErasedRun(database, name)
      if (!row || rows.length > 1 || name === '') throw unknown(name)
      return requestOf(row)
    },
    get(runId) {
      const row = select.get(runId)
      return row && requestOf(row)
    },
  }
}

function unknown(name: string): CommandError {
  return unknownId(name, {
    code: 'RUN_UNKNOWN',
    what: 'recorded run of ask, run or rerun',
    hint: '`ctxlock ask` and `ctxlock run` make one; `ctxlock runs` lists them, and `last` names the newest.',
  })
}
