import type { BundledRun } from '@ctxlock/flight-recorder/export'

import { allEvents } from '../session/all-events.ts'
import { openJobIndex } from '../session/job-index.ts'
import { openRunIndex } from '../session/run-index.ts'
import type { StoredSession } from '../session/stored-session.ts'

/** A run with everything that was recorded for it: processes that went on with it, and answers to what it asked. Throws `RUN_UNKNOWN`. */
export function exportedRun(stored: StoredSession, name: string): BundledRun {
  const { run_id: runId } = openRunIndex(stored.state.database, stored.artifacts).find(name)
  const jobs = openJobIndex(stored.state.database).jobsOf(runId)
  const ids = jobs.flatMap((jobId) => [...allEvents(stored, { jobId })].map(({ workflow_run_id }) => workflow_run_id))
  const others = new Set(ids.filter((id) => id !== undefined && id !== runId))
  return { runId, continuedAs: [...others].flatMap((id) => id ?? []) }
}
