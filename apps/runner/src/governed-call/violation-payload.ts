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

/** What the event of a violation says that blocks or quarantines within a running job, without aborting its nodes (REC-019). */
export function violationPayload(
  { environment, config }: Pick<Session, 'environment' | 'config'>,
  found: Omit<Payload, Implied>,
): Payload {
  return {
    ...found,
    violation_id: environment.random.uuid(),
    policy_profile_id: config.policy.policyProfileId,
    job_state_from: 'running',
    nodes_terminated: 0,
    child_jobs_cancelled: 0,
    mutation_fence: false,
  }
}
