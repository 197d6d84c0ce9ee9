import type { ModelAssignment } from '@ctxlock/contracts/work-profile'
import type { ChosenModel } from '@ctxlock/governance'
import { canonicalHash } from '@ctxlock/core-hash'

import type { CallIds, CallSubject } from '../call-subject.ts'
import { callEventBase } from '../event-base.ts'

/** What became of the compute hints of an assignment (PROV-069, PROV-070); nothing where it has none. */
export function executionPolicyEvents(
  ids: CallIds,
  subject: CallSubject,
  { compute: requested }: ModelAssignment,
  { model_id, tier, parameter_class, compute, notices }: ChosenModel,
) {
  if (!requested) return []
  const [notice] = notices
  const waiver = requested.approximate?.waiver_ref
  return [
    {
      ...callEventBase(ids, subject),
      fr_event_id: 'FR-EVT-LLM-EXEC-001' as const,
      type: 'llm_exec_policy' as const,
      payload: {
        trace_id: ids.traceId,
        model_id,
        mode: compute.speed_preset,
        exactness: compute.approximate ? ('approximate' as const) : ('exact' as const),
        requested_policy_hash: canonicalHash(requested),
        effective_policy_hash: canonicalHash(compute),
        downgraded: notices.length > 0,
        role: subject.role.runtime_role,
        backend: tier,
        parameter_class,
        ...(notice !== undefined && { code: notice, downgrade_reason: notices.join(', ') }),
        ...(compute.approximate && waiver !== undefined && { waiver_ref: waiver }),
      },
    },
  ]
}
