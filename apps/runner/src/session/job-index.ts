import { JobBaseline } from '@ctxlock/contracts/guards'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { canonicalHash, canonicalize } from '@ctxlock/core-hash'

/** The baseline of every job as it was created, with its hash (VAL-047). Written once, never changed. */
export interface JobIndex {
  /** The stored baseline; `current` becomes it when the job is new. */
  baselineOf(jobId: string, current: JobBaseline): { readonly baseline: JobBaseline; readonly hash: string }
}

const TABLE = `CREATE TABLE IF NOT EXISTS runner_job (
  job_id TEXT PRIMARY KEY, baseline TEXT NOT NULL, baseline_hash TEXT NOT NULL
) STRICT, WITHOUT ROWID`

export function openJobIndex(database: SqlDatabase): JobIndex {
  database.exec(TABLE)
  const insert = database.prepare('INSERT OR IGNORE INTO runner_job (job_id, baseline, baseline_hash) VALUES (?, ?, ?)')
  const select = database.prepare('SELECT baseline, baseline_hash FROM runner_job WHERE job_id = ?')
  return {
    baselineOf(jobId, current) {
      insert.run(jobId, canonicalize(current), canonicalHash(current))
      const row = select.get(jobId)
      return {
        baseline: JobBaseline.parse(JSON.parse(String(row?.['baseline']))),
        hash: String(row?.['baseline_hash']),
      }
    },
  }
}
