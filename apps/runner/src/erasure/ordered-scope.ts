import type { ErasureOrder } from '@ctxlock/flight-recorder'

import { callIntents } from '../session/all-events.ts'
import type { Session } from '../session/session.ts'
import { requestsOfCalls, tracesOfRequests } from './asked-of-calls.ts'
import type { ErasureScope } from './erasure-scope.ts'

/** What these orders erase, as one scope. Events and rows of it may stay: they need no object any more. */
export function orderedScope(session: Pick<Session, 'state' | 'jobs'>, orders: readonly ErasureOrder[]): ErasureScope {
  const calls = new Set(orders.flatMap(({ payload }) => payload.calls))
  const runIds = new Set(orders.flatMap(({ payload }) => payload.run_ids))
  const jobIds = new Set([...runIds].flatMap(session.jobs.jobsOf))
  const requestIds = requestsOfCalls(session, calls)
  const traces = new Set(tracesOfRequests(session, requestIds))
  for (const { payload, trace_id } of callIntents(session)) if (calls.has(payload.call_id)) traces.add(trace_id)
  const ranges = orders.flatMap(({ payload }) => payload.events)
  return {
    calls: [...calls],
    runIds: [...runIds],
    jobIds: [...jobIds],
    requestIds: [...requestIds],
    holds: ({ seq, trace_id, job_id, workflow_run_id: runId }) =>
      traces.has(trace_id) ||
      (job_id !== undefined && jobIds.has(job_id)) ||
      // Only positions tell which events of no run an order is about.
      (runId === undefined ? ranges.some(({ from, to }) => from <= seq && seq <= to) : runIds.has(runId)),
  }
}
