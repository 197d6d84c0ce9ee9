import { allEvents } from './all-events.ts'
import { openJobIndex } from './job-index.ts'
import type { StoredSession } from './stored-session.ts'

/**
 * The ids under which events of a run stand in the log, in the order of the log: its own, and those of processes that went on with it
 * or answered what it asked.
 */
export function recordedAs(session: Pick<StoredSession, 'state'>, runId: string): string[] {
  const jobs = openJobIndex(session.state.database).jobsOf(runId)
  const filters = [{ workflowRunId: runId }, ...jobs.map((jobId) => ({ jobId }))]
  const events = filters.flatMap((filter) => [...allEvents(session, filter)])
  const ids = events.toSorted((one, other) => one.seq - other.seq).map(({ workflow_run_id }) => workflow_run_id)
  return [...new Set(ids)].filter((id) => id !== undefined)
}
