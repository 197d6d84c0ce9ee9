// What was committed, in which order, kept by triggers of the database and not by the code under test.
import type { DatabaseSync } from 'node:sqlite'

/** One writer at a time holds the file, so the order of the rows is the order of the commits; a rollback takes its rows along. */
const TABLES = `
  CREATE TABLE files (job_id TEXT NOT NULL, text TEXT NOT NULL) STRICT;
  CREATE TABLE events (job_id TEXT NOT NULL, key TEXT NOT NULL) STRICT;
  CREATE TABLE history (seq INTEGER PRIMARY KEY, job_id TEXT NOT NULL, what TEXT NOT NULL) STRICT;
  CREATE TRIGGER new_job AFTER INSERT ON ace_jobs
    BEGIN INSERT INTO history (job_id, what) VALUES (new.job_id, new.state); END;
  CREATE TRIGGER moved_job AFTER UPDATE OF state ON ace_jobs
    BEGIN INSERT INTO history (job_id, what) VALUES (new.job_id, new.state); END;
  CREATE TRIGGER written AFTER INSERT ON files
    BEGIN INSERT INTO history (job_id, what) VALUES (new.job_id, 'write'); END;
`

/** Call it once the job table exists. */
export function createHistory(database: DatabaseSync): void {
  database.exec(TABLES)
}

export function clearHistory(database: DatabaseSync): void {
  database.exec('DELETE FROM ace_jobs; DELETE FROM files; DELETE FROM events; DELETE FROM history')
}

export interface Verdict {
  readonly poisoned_jobs: number
  /** Files written, steps taken and children started in the name of a poisoned job or a descendant, after its record. */
  readonly writes_after_poison: number
  /** Poisoned jobs without their event, and events beyond the first one. */
  readonly missing_events: number
  readonly double_events: number
  /** Descendants of a poisoned job that still are in a state that goes on. */
  readonly survivors: number
}

export function judgeHistory(database: DatabaseSync): Verdict {
  const jobs = database.prepare('SELECT job_id, parent_job_id, state FROM ace_jobs').all()
  const history = database.prepare('SELECT job_id, what FROM history ORDER BY seq').all()
  const events = database.prepare('SELECT job_id FROM events').all()
  const parents = new Map(jobs.map((job) => [job['job_id'], job['parent_job_id']]))
  const isOfFamily = (job: unknown, head: unknown): boolean =>
    job === head || (typeof job === 'string' && isOfFamily(parents.get(job), head))

  const verdict = { poisoned_jobs: 0, writes_after_poison: 0, missing_events: 0, double_events: 0, survivors: 0 }
  for (const { job_id } of jobs.filter(({ state }) => state === 'poisoned')) {
    const recorded = history.findIndex((row) => row['job_id'] === job_id && row['what'] === 'poisoned')
    const later = history.slice(recorded + 1).filter((row) => isOfFamily(row['job_id'], job_id))
    const count = events.filter((event) => event['job_id'] === job_id).length
    verdict.poisoned_jobs += 1
    verdict.writes_after_poison += later.length
    if (count === 0) verdict.missing_events += 1
    else verdict.double_events += count - 1
    verdict.survivors += jobs.filter((job) => isOfFamily(job['job_id'], job_id) && !ENDS.has(job['state'])).length
  }
  // An event about a job that is not poisoned tells of something that was undone.
  const poisoned = new Set(jobs.filter(({ state }) => state === 'poisoned').map(({ job_id }) => job_id))
  verdict.double_events += events.filter((event) => !poisoned.has(event['job_id'])).length
  return verdict
}

const ENDS = new Set<unknown>(['completed', 'completed_with_issues', 'failed', 'cancelled', 'poisoned'])
