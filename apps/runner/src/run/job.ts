import { moveJob, readJob, registerJob, type MutationFence } from '@ctxlock/ace-validators/poisoning'
import { bindJobProfile } from '@ctxlock/governance'

import type { Session } from '../session/session.ts'

/** A running job: its id and the permission to change something in its name (VAL-069). */
export interface Job {
  readonly jobId: string
  readonly fence: MutationFence
}

/** Registers a new job, bound to the profile in force (PROV-064). `inputsHash` names what it works on. */
export function startJob(session: Session, inputsHash: string): Job {
  const { database } = session.state
  const jobId = session.environment.random.uuid()
  bindJobProfile(database, jobId, session.profile, session.timestamp())
  const fence = registerJob(database, { job_id: jobId, parent_job_id: null, inputs_hash: inputsHash })
  moveJob(database, fence, 'running')
  return { jobId, fence }
}

/** Ends a job; one that was poisoned on the way stays what it is. */
export function endJob(
  session: Session,
  { jobId, fence }: Job,
  state: 'completed' | 'completed_with_issues' | 'failed',
): void {
  const { database } = session.state
  if (readJob(database, jobId)?.state === 'running') moveJob(database, fence, state)
}
