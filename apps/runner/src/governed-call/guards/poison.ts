import type { PipelineResult } from '@ctxlock/ace-validators'
import { moveJob, openFence, poisonJob, readJob, type PoisonEvent } from '@ctxlock/ace-validators/poisoning'

import type { Session } from '../../session/session.ts'
import { callEventBase } from '../event-base.ts'
import type { GuardRunInput } from './guard-run-input.ts'

/**
 * The poisoning directive (VAL-067): state, fence and the one security event become durable together; then every node of the
 * job and its descendants is aborted, and this returns when none is active (P3). `session` is the one without the fence, for
 * the record of the poisoning is written after the fence is raised.
 */
export async function poison(
  session: Session,
  { subject, ids }: Pick<GuardRunInput, 'subject' | 'ids'>,
  result: Pick<PipelineResult, 'errors' | 'matches'>,
  snapshotId: string | null,
): Promise<void> {
  const { parentJobId } = ids
  const { cancelled } = poisonJob(
    session.state.database,
    {
      job_id: ids.jobId,
      violation_id: session.environment.random.uuid(),
      guard: result.errors.find(({ code }) => code === 'PromptInjectionDetected')?.guard ?? 'PromptInjectionGuard',
      matches: result.matches,
      policy_profile_id: session.config.policy.policyProfileId,
      context_snapshot_id: snapshotId,
      nodes_terminated: session.nodes.active(ids.jobId),
    },
    (event) => {
      recordPoison(session, event, callEventBase(ids, subject))
      if (parentJobId !== undefined) failJob(session, parentJobId)
    },
    session.nodes,
  )
  const ended = [ids.jobId, ...cancelled, ...(parentJobId === undefined ? [] : [parentJobId])]
  if (parentJobId !== undefined) {
    session.nodes.raise(parentJobId)
    session.nodes.abort(parentJobId)
  }
  await Promise.all(ended.map((jobId) => session.nodes.terminated(jobId)))
}

/** The parent of a poisoned child has a failed child and is not poisoned itself (VAL-072); its run is over, and it writes no more. */
function failJob({ state: { database } }: Pick<Session, 'state'>, jobId: string): void {
  if (readJob(database, jobId)?.state === 'running') moveJob(database, openFence(database, jobId), 'failed')
}

/** The security event of a poisoned job, also when an earlier process could not record it (VAL-073). */
export function recordPoison(
  session: Pick<Session, 'recorder'>,
  event: PoisonEvent,
  base: { readonly trace_id: string; readonly job_id: string },
): void {
  session.recorder.record({
    ...base,
    actor: 'system',
    fr_event_id: 'FR-EVT-SEC-VIOLATION',
    type: 'security_violation',
    payload: { ...event, matches: [...event.matches] },
  })
}
