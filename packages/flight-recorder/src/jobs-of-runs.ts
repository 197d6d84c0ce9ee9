import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { catchUpKeys } from './event-keys.ts'
import { hasLog } from './log-tables.ts'
import { onDatabase } from './recorder-error.ts'

/**
 * The jobs that the events of each run name, by run id, without reading the events: as their lookup keys say it, which verify compares.
 * Code: HSK-500-DB.
 */
export function jobsOfRuns(database: SqlDatabase): ReadonlyMap<string, readonly string[]> {
  return onDatabase('Reading the jobs of runs', () => {
    if (!hasLog(database)) return new Map()
    catchUpKeys(database)
    const rows = database
      .prepare(
        'SELECT DISTINCT workflow_run_id, job_id FROM flight_key WHERE workflow_run_id IS NOT NULL AND job_id IS NOT NULL',
      )
      .all()
    const byRun = Map.groupBy(rows, ({ workflow_run_id }) => String(workflow_run_id))
    return new Map([...byRun].map(([run, own]) => [run, own.map(({ job_id }) => String(job_id))]))
  })
}
