import type { EventOf, FlightEvent } from '@ctxlock/contracts/events'
import { readJob } from '@ctxlock/ace-validators/poisoning'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { allEvents, callIntents } from '../session/all-events.ts'
import type { Session } from '../session/session.ts'
import { unknownId } from '../session/unknown-id.ts'
import { requestsOfCalls, tracesOfRequests } from './asked-of-calls.ts'
import { openJobs } from './open-jobs.ts'

/** What is to be erased, by ids; an event belongs to it when `holds` says so. */
export interface ErasureScope {
  readonly calls: readonly string[]
  readonly runIds: readonly string[]
  readonly jobIds: readonly string[]
  /** What a person was asked about a call whose run stays. */
  readonly requestIds: readonly string[]
  holds(event: FlightEvent): boolean
}

/** What names the scope in rows beside the log. */
export function idsOf({ calls, runIds, jobIds, requestIds }: ErasureScope): ReadonlySet<string> {
  return new Set([...calls, ...runIds, ...jobIds, ...requestIds])
}

type Recorded = Pick<Session, 'state' | 'jobs'>
type CallIntent = EventOf<'call_intent'>

/**
 * A run with everything that was done in its name, or one call of a run that made several, its child runs included; the only call
 * of a run stands for the run. A child run that is named goes without its parent. Throws `ERASURE_UNKNOWN`, and `RUN_OPEN` for one
 * that is not over.
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
  const own = jobsOf(runId)
  // Those of other lives of the run, and, because the job of a child works for the runs of its parent too, of parent and children.
  const family = [...new Set(own.flatMap(runsOf).flatMap(jobsOf))]
  requireEnded(session, family)
  if (call && callsOf(intents, family).length > 1) return scopeOfCall(session, call)
  const jobIds = call === undefined && own.every((jobId) => isChild(session, jobId)) ? own : family
  const runs = jobIds.flatMap(runsOf).filter((id) => jobsOf(id).every((jobId) => jobIds.includes(jobId)))
  const runIds = new Set([runId, ...runs])
  return {
    calls: callsOf(intents, jobIds),
    runIds: [...runIds],
    jobIds,
    requestIds: [],
    holds: ({ job_id, workflow_run_id }) =>
      (workflow_run_id !== undefined && runIds.has(workflow_run_id)) ||
      (job_id !== undefined && jobIds.includes(job_id)),
  }
}

function callsOf(intents: readonly CallIntent[], jobIds: readonly string[]): string[] {
  return intents.flatMap(({ job_id, payload }) => (job_id && jobIds.includes(job_id) ? [payload.call_id] : []))
}

function isChild({ state }: Recorded, jobId: string): boolean {
  return typeof readJob(state.database, jobId)?.parent_job_id === 'string'
}

function scopeOfCall(session: Recorded, call: CallIntent): ErasureScope {
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

function requireEnded(session: Recorded, jobIds: readonly string[]): void {
  const jobId = jobIds.find(openJobs(session).isOpen)
  if (jobId === undefined) return
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
