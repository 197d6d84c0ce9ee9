import type { EventOf, FlightEvent } from '@ctxlock/contracts/events'
import { readJob } from '@ctxlock/ace-validators/poisoning'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { allEvents, callIntents } from '../session/all-events.ts'
import type { Session } from '../session/session.ts'
import { unknownId } from '../session/unknown-id.ts'
import { requestsOfCalls, tracesOfRequests } from './asked-of-calls.ts'

/** What is to be erased, by ids; an event belongs to it when `holds` says so. */
export interface ErasureScope {
  readonly calls: readonly string[]
  readonly runIds: readonly string[]
  readonly jobIds: readonly string[]
  /** What a person was asked about a call whose run stays. */
  readonly requestIds: readonly string[]
  holds(event: FlightEvent): boolean
}

type Recorded = Pick<Session, 'state' | 'jobs'>

/**
 * A run with everything that was done in its name, or one call of a run that made several, its child runs included; the only call
 * of a run stands for the run. Throws `ERASURE_UNKNOWN`, and `RUN_OPEN` for one that is not over.
 */
export function scopeOf(session: Recorded, name: string): ErasureScope {
  const intents = [...callIntents(session)]
  const newest = intents.at(-1)
  const matching =
    name === 'last' ? (newest ? [newest] : []) : intents.filter(({ payload }) => payload.call_id.startsWith(name))
  const [call] = matching
  const runId = call?.workflow_run_id ?? runNamed(session, name)
  if (runId === undefined || matching.length > 1 || name === '') throw unknown(name)

  const { jobsOf, runsOf } = session.jobs
  const jobs = new Set(jobsOf(runId))
  // The job of a child works for the runs of its parent too.
  const runs = new Set([...jobs].flatMap(runsOf))
  const family = new Set([...runs].flatMap(jobsOf))
  for (const jobId of family) requireEnded(session, jobId)
  if (call && intents.filter(({ job_id }) => family.has(job_id)).length > 1) return scopeOfCall(session, call)
  return {
    calls: intents.filter(({ job_id }) => jobs.has(job_id)).map(({ payload }) => payload.call_id),
    runIds: [...new Set([runId, ...[...runs].filter((id) => jobsOf(id).every((jobId) => jobs.has(jobId)))])],
    jobIds: [...jobs],
    requestIds: [],
    holds: ({ job_id, workflow_run_id }) => workflow_run_id === runId || (job_id !== undefined && jobs.has(job_id)),
  }
}

function scopeOfCall(session: Recorded, call: EventOf<'call_intent'>): ErasureScope {
  const { call_id } = call.payload
  const requestIds = requestsOfCalls(session, new Set([call_id]))
  const traces = new Set([call.trace_id, ...tracesOfRequests(session, requestIds)])
  return {
    calls: [call_id],
    runIds: [],
    jobIds: [],
    requestIds: [...requestIds],
    holds: ({ trace_id }) => traces.has(trace_id),
  }
}

function runNamed(session: Recorded, name: string): string | undefined {
  const found = new Set<string>()
  for (const { workflow_run_id: id } of allEvents(session, { type: 'run_header' }))
    if (id?.startsWith(name)) found.add(id)
  return found.size === 1 ? [...found][0] : undefined
}

export function isOpenJob({ state }: Recorded, jobId: string): boolean {
  const found = readJob(state.database, jobId)?.state
  return found === 'queued' || found === 'running' || found === 'awaiting_user'
}

function requireEnded(session: Recorded, jobId: string): void {
  if (!isOpenJob(session, jobId)) return
  throw new CommandError({
    exit: EXIT_CODE.refused,
    code: 'RUN_OPEN',
    message: `the job ${jobId} has not ended: it goes on, waits for a person, or was interrupted`,
    hint: 'End it first (`ctxlock cancel`, `ctxlock abort`, or answer its request); nothing was erased.',
  })
}

function unknown(name: string): CommandError {
  return unknownId(name, {
    code: 'ERASURE_UNKNOWN',
    what: 'recorded call or run',
    hint: 'Give the call id that `ctxlock ask` printed, the id of a run, or `last`.',
  })
}
