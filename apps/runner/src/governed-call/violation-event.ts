import type { EventOf } from '@ctxlock/contracts/events'

import type { Session } from '../session/session.ts'

type Payload = EventOf<'security_violation'>['payload']
/** Follows from the session, or from nothing having been ended. */
type Implied =
  | 'violation_id'
  | 'policy_profile_id'
  | 'job_state_from'
  | 'nodes_terminated'
  | 'child_jobs_cancelled'
  | 'mutation_fence'

/**
 * The event of a violation that blocks or quarantines within a running job, without aborting its nodes (REC-019). `base` is the envelope
 * of the work it happened in.
 */
export function violationEvent<Base extends object>(
  { environment, config }: Pick<Session, 'environment' | 'config'>,
  base: Base,
  found: Omit<Payload, Implied>,
) {
  const payload: Payload = {
    ...found,
    violation_id: environment.random.uuid(),
    policy_profile_id: config.policy.policyProfileId,
    job_state_from: 'running',
    nodes_terminated: 0,
    child_jobs_cancelled: 0,
    mutation_fence: false,
  }
  return {
    ...base,
    actor: 'system' as const,
    fr_event_id: 'FR-EVT-SEC-VIOLATION' as const,
    type: 'security_violation' as const,
    payload,
  }
}
