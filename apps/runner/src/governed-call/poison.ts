import type { PipelineResult } from '@ctxlock/ace-validators'
import { poisonJob, type PoisonEvent } from '@ctxlock/ace-validators/poisoning'

import type { Session } from '../session/session.ts'
import { callEventBase } from './event-base.ts'
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
    (event) => recordPoison(session, event, callEventBase(ids, subject)),
    session.nodes,
  )
  await Promise.all([ids.jobId, ...cancelled].map((jobId) => session.nodes.terminated(jobId)))
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
