import type { FlightEvent } from '@ctxlock/contracts/events'

import { allEvents } from '../session/all-events.ts'
import { openJobIndex } from '../session/job-index.ts'
import type { StoredSession } from '../session/stored-session.ts'

/**
 * The events of a run that were recorded after a position of the log, in the order of the log: of each process that worked on it, of its
 * jobs, and of the person who answered for it.
 */
export function runEvents(session: Pick<StoredSession, 'state'>, runId: string, afterSeq: number): FlightEvent[] {
  const jobs = openJobIndex(session.state.database)
  const jobIds = jobs.jobsOf(runId)
  const runIds = new Set([runId, ...jobIds.flatMap((jobId) => jobs.runsOf(jobId))])
  const found = new Map<number, FlightEvent>()
  for (const workflowRunId of runIds)
    for (const event of allEvents(session, { workflowRunId, afterSeq })) found.set(event.seq, event)
  for (const jobId of jobIds) for (const event of allEvents(session, { jobId, afterSeq })) found.set(event.seq, event)
  return [...found.values()].toSorted((one, other) => one.seq - other.seq)
}
