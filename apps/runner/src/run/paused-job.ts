import { readJob } from '@ctxlock/ace-validators/poisoning'
import { readRunState } from '@ctxlock/durable-engine'
import { queryEvents } from '@ctxlock/flight-recorder'
import { lastConsentRequest } from '@ctxlock/governance'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE, type ExitCode } from '../exit-code.ts'
import type { Session } from '../session/session.ts'

/** A job that waits for a person, and the session it belongs to: consent is bound to both (PROV-054). */
export interface PausedJob {
  readonly jobId: string
  readonly sessionId: string
}

/**
 * The job of a run that can be gone on with where it waits; undefined when it does not wait. Throws `CONSENT_REVOKED`
 * and `RUN_CANCELLED` for a run that was cancelled, or its job.
 */
export function pausedJob(session: Session, runId: string): PausedJob | undefined {
  const { database } = session.state
  if (readRunState(database, runId) === 'cancelled') throw cancelledRun(session, runId)
  const last = lastConsentRequest(database, runId)
  const sessionId = last?.asked.request.session_id
  // A consent that a child run asks for is the child's; the job of its parent waits as it does at a gate.
  if (!last || sessionId === undefined || isChild(session, last.asked.job_id)) return jobAtGate(session, runId)
  const state = readJob(database, last.asked.job_id)?.state
  if (state === 'cancelled') throw cancelledRun(session, runId)
  return state === 'awaiting_user' ? { jobId: last.asked.job_id, sessionId } : jobAtGate(session, runId)
}

/** A job is cancelled for good: by a person, or with the consent it waited for or went on by, when that was taken back (PROV-055). */
export function cancelledRun(
  { state }: Pick<Session, 'state'>,
  runId: string,
  exitOfCancelled: ExitCode = EXIT_CODE.refused,
): CommandError {
  const isRevoked = (lastConsentRequest(state.database, runId)?.answer?.revokedAt ?? null) !== null
  return new CommandError({
    exit: isRevoked ? EXIT_CODE.refused : exitOfCancelled,
    code: isRevoked ? 'CONSENT_REVOKED' : 'RUN_CANCELLED',
    message: `the run ${runId} was cancelled: ${isRevoked ? 'the consent it needs was taken back' : 'by a person, or with a consent that covered it'}`,
    hint: 'Start a new run.',
  })
}

/** A job that waits at a gate of the loop rather than for a consent; its session is that of the run it began with. */
function jobAtGate({ jobs, state: { database } }: Session, runId: string): PausedJob | undefined {
  const jobId = jobs.jobsOf(runId).find((id) => {
    const job = readJob(database, id)
    return job?.state === 'awaiting_user' && job.parent_job_id === null
  })
  if (jobId === undefined) return undefined
  const { events } = queryEvents(database, { workflowRunId: runId, type: 'run_header' }, { limit: 1 })
  const sessionId = events[0]?.model_session_id
  return sessionId === undefined ? undefined : { jobId, sessionId }
}

function isChild({ state: { database } }: Session, jobId: string): boolean {
  return (readJob(database, jobId)?.parent_job_id ?? null) !== null
}
