import type { PipelineResult } from '@ctxlock/ace-validators'
import { poisonJob, type PoisonEvent } from '@ctxlock/ace-validators/poisoning'

import type { Session } from '../session/session.ts'
import { callEventBase } from './event-base.ts'
import type { GuardRunInput } from './guard-run-input.ts'

/**
 * The poisoning directive (VAL-067): state, fence and the one security event become durable together, before anything else
 * happens in the name of this job.
 */
export function poison(
  session: Session,
  { subject, ids }: GuardRunInput,
  result: PipelineResult,
  snapshotId: string | null,
): void {
  poisonJob(
    session.state.database,
    {
      job_id: ids.jobId,
      violation_id: session.environment.random.uuid(),
      guard: result.errors.find(({ code }) => code === 'PromptInjectionDetected')?.guard ?? 'PromptInjectionGuard',
      matches: result.matches,
      policy_profile_id: session.config.policy.policyProfileId,
      context_snapshot_id: snapshotId,
    },
    (event) => recordPoison(session, event, callEventBase(ids, subject)),
  )
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
