import { moveJob, openFence, readJob, registerJob, type MutationFence } from '@ctxlock/ace-validators/poisoning'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { bindJobProfile } from '@ctxlock/governance'

import { CommandError } from '../command-error.ts'
import { waitsForConsent } from '../consent/consent-refusal.ts'
import { EXIT_CODE, type ExitCode } from '../exit-code.ts'
import { checkSelection } from '../profiles/profile-in-force.ts'
import type { Session } from '../session/session.ts'

/** A running job: its id and the permission to change something in its name (VAL-069). */
export interface Job {
  readonly jobId: string
  readonly fence: MutationFence
  /** The job that this one is a child of (VAL-046). */
  readonly parentJobId?: string
}

/**
 * Registers a new job, bound to the profile in force (PROV-064). Throws `PROFILE_DISAGREES` when it is not clear which one that
 * is. `inputsHash` names what it works on, `runIds` whose job it is. A child of a poisoned job, or one that was poisoned by the same
 * inputs before, is none (VAL-072): throws what `registerJob` throws.
 */
export function startJob(
  session: Session,
  inputsHash: string,
  runIds: readonly string[] = [],
  parentJobId?: string,
): Job {
  const { database } = session.state
  checkSelection(session)
  const jobId = session.environment.random.uuid()
  return session.state.unsynced(() => {
    bindJobProfile(database, jobId, session.profile, session.timestamp())
    const job = { job_id: jobId, parent_job_id: parentJobId ?? null, inputs_hash: inputsHash }
    const fence = registerJob(database, job, session.nodes.fenceSignal(jobId))
    moveJob(database, fence, 'running')
    session.jobs.assign(jobId, runIds)
    return { jobId, fence, ...(parentJobId !== undefined && { parentJobId }) }
  })
}

/**
 * Goes on with a job that waited for a person, under the profile it began with (PROV-064), now in the name of these runs too.
 * Throws `JOB_GONE_ON` and what `openFence` throws.
 */
export function resumeJob(session: Session, jobId: string, runIds: readonly string[]): Job {
  const { database } = session.state
  return inTransaction(database, () => {
    // Two processes may have found it waiting.
    if (readJob(database, jobId)?.state !== 'awaiting_user') throw goneOnWith(jobId)
    bindJobProfile(database, jobId, session.profile, session.timestamp())
    const fence = openFence(database, jobId, session.nodes.fenceSignal(jobId))
    moveJob(database, fence, 'running')
    session.jobs.assign(jobId, runIds)
    return { jobId, fence }
  })
}

/**
 * Does the work of one job and ends the job with it: by the exit code, or as failed, or
 * waiting when a person has to decide. One that was poisoned on the way stays what it is.
 */
export async function inJob(session: Session, job: Job, work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    const exit = await work()
    moveJob(session.state.database, job.fence, stateOf(exit))
    return exit
  } catch (error) {
    leaveJob(session, job, needsPerson(error) ? 'awaiting_user' : isCancelled(error) ? 'cancelled' : 'failed')
    throw error
  } finally {
    session.nodes.release(job.jobId)
  }
}

function stateOf(exit: ExitCode) {
  if (exit === EXIT_CODE.done) return 'completed'
  return exit === EXIT_CODE.degraded || exit === EXIT_CODE.verificationFailed ? 'completed_with_issues' : 'failed'
}

/** A fence that was raised here keeps the state too: poisoning that could not be written down must not become a failure (P2). */
function leaveJob(
  session: Pick<Session, 'state'>,
  { jobId, fence }: Job,
  state: 'failed' | 'awaiting_user' | 'cancelled',
): void {
  const isOpen = fence.signal?.aborted !== true && readJob(session.state.database, jobId)?.state === 'running'
  if (isOpen) moveJob(session.state.database, fence, state)
}

function isCancelled(error: unknown): boolean {
  return error instanceof CommandError && error.code === 'RUN_CANCELLED'
}

function needsPerson(error: unknown): boolean {
  return (error instanceof CommandError && error.exit === EXIT_CODE.needsPerson) || waitsForConsent(error)
}

function goneOnWith(jobId: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: 'JOB_GONE_ON',
    message: `the job ${jobId} no longer waits: another process goes on with it, or it has ended`,
    hint: 'Look at `ctxlock consent list`; nothing was sent by this process.',
  })
}
