import { allEvents, callIntents } from '../session/all-events.ts'
import type { Session } from '../session/session.ts'

type Log = Pick<Session, 'state'>

/** The requests that a person answered before these calls left, by their ids; empty when the texts of the calls' events are erased. */
export function requestsOfCalls(log: Log, callIds: ReadonlySet<string>): ReadonlySet<string> {
  const traces = new Set<string>()
  for (const { payload, trace_id } of callIntents(log)) if (callIds.has(payload.call_id)) traces.add(trace_id)
  const requests = new Set<string>()
  for (const event of allEvents(log, { type: 'cloud_escalation_executed' })) {
    if (event.type === 'cloud_escalation_executed' && traces.has(event.trace_id)) requests.add(event.payload.request_id)
  }
  return requests
}

/** The traces in which these requests were made and answered: a run that waited for a person went on in another one. */
export function tracesOfRequests(log: Log, requestIds: ReadonlySet<string>): ReadonlySet<string> {
  const traces = new Set<string>()
  for (const type of ['cloud_escalation_requested', 'cloud_escalation_approved', 'cloud_escalation_denied'] as const) {
    for (const event of allEvents(log, { type }))
      if (event.type === type && requestIds.has(event.payload.request_id)) traces.add(event.trace_id)
  }
  return traces
}
