import { readJob } from '@ctxlock/ace-validators/poisoning'
import { JobBaseline } from '@ctxlock/contracts/guards'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import type { JobState } from '@ctxlock/contracts/primitives'
import { canonicalHash, canonicalize } from '@ctxlock/core-hash'

/** The baseline of every job as it was created, with its hash (VAL-047), and the runs it works for. Written once, never changed. */
export interface JobIndex {
  /** The stored baseline; `current` becomes it when the job is new. */
  baselineOf(jobId: string, current: JobBaseline): { readonly baseline: JobBaseline; readonly hash: string }
  /** The job does the work of these runs. */
  assign(jobId: string, runIds: readonly string[]): void
  /** The jobs that worked for a run, in no particular order. */
  jobsOf(runId: string): readonly string[]
  /** The runs a job worked for: each process that went on with a run records as one of its own. */
  runsOf(jobId: string): readonly string[]
  /** True if a job of the run was poisoned: the run is over for good (VAL-070). */
  isPoisoned(runId: string): boolean
  /** True if its job was cancelled, by a person or with a consent: the run is over for good, too. Children have runs of their own. */
  isCancelled(runId: string): boolean
  /** True if a job of the run waits for a person; those of its children do not count. */
  isParked(runId: string): boolean
}

const TABLES = `CREATE TABLE IF NOT EXISTS runner_job (
  job_id TEXT PRIMARY KEY, baseline TEXT NOT NULL, baseline_hash TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runner_job_run (
  run_id TEXT NOT NULL, job_id TEXT NOT NULL, PRIMARY KEY (run_id, job_id)
) STRICT, WITHOUT ROWID`

export function openJobIndex(database: SqlDatabase): JobIndex {
  database.exec(TABLES)
  const insert = database.prepare('INSERT OR IGNORE INTO runner_job (job_id, baseline, baseline_hash) VALUES (?, ?, ?)')
  const select = database.prepare('SELECT baseline, baseline_hash FROM runner_job WHERE job_id = ?')
  const insertRun = database.prepare('INSERT OR IGNORE INTO runner_job_run (run_id, job_id) VALUES (?, ?)')
  const selectJobs = database.prepare('SELECT job_id FROM runner_job_run WHERE run_id = ?')
  const selectRuns = database.prepare('SELECT run_id FROM runner_job_run WHERE job_id = ?')
  const jobsOf = (runId: string) => selectJobs.all(runId).map(({ job_id }) => String(job_id))
  const hasOwnJob = (runId: string, state: JobState) =>
    jobsOf(runId).some((jobId) => {
      const job = readJob(database, jobId)
      return job?.state === state && job.parent_job_id === null
    })
  return {
    baselineOf(jobId, current) {
      const [text, currentHash] = [canonicalize(current), canonicalHash(current)]
      insert.run(jobId, text, currentHash)
      const row = select.get(jobId)
      const hash = String(row?.['baseline_hash'])
      // Most jobs are where they began, and what was written is read back as it was.
      if (row?.['baseline'] === text && hash === currentHash) return { baseline: current, hash }
      return { baseline: JobBaseline.parse(JSON.parse(String(row?.['baseline']))), hash }
    },
    assign(jobId, runIds) {
      for (const runId of new Set(runIds)) insertRun.run(runId, jobId)
    },
    jobsOf,
    runsOf: (jobId) => selectRuns.all(jobId).map(({ run_id }) => String(run_id)),
    isPoisoned: (runId) => jobsOf(runId).some((jobId) => readJob(database, jobId)?.state === 'poisoned'),
    isCancelled: (runId) => hasOwnJob(runId, 'cancelled'),
    isParked: (runId) => hasOwnJob(runId, 'awaiting_user'),
  }
}
