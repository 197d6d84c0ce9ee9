import { PackError, verifyBinding } from '@ctxlock/context-pack'
import { canonicalHash } from '@ctxlock/core-hash'

import type { Session } from '../session/session.ts'
import type { BoundCall } from './bind-packs.ts'
import { governedPaths, type CallIds, type CallSubject } from './call-subject.ts'
import { callEventBase } from './event-base.ts'

/** The check of CP-053 on the stored bytes, right before the call. Any failure is a hard one with its event (CP-064). */
export function verifyBound(session: Session, subject: CallSubject, ids: CallIds, { binding }: BoundCall): void {
  const stored = (hash: string) => (session.artifacts.has(hash) ? session.artifacts.get(hash) : undefined)
  const result = verifyBinding({
    binding,
    rolePackBytes: stored(binding.role_pack.artifact.content_hash),
    workUnitPackBytes: stored(binding.work_unit_pack.artifact.content_hash),
    job: {
      job_id: ids.jobId,
      wp_id: subject.wpId,
      mt_id: subject.definition.mt_id,
      governance_mode: session.config.policy.governanceMode,
      automation_level: session.automationLevel,
    },
    protocolPins: session.rules.currentPins(governedPaths(subject)),
  })
  if (result.status === 'valid') return
  const [{ code, detail }] = result.failures
  session.recorder.record({
    ...callEventBase(ids, subject),
    actor: 'system',
    fr_event_id: 'FR-EVT-SEC-VIOLATION',
    type: 'security_violation',
    payload: {
      violation_id: session.environment.random.uuid(),
      violation_type:
        code === 'PACK_CONSTRAINTS_WEAKENED'
          ? 'constraints_weakened'
          : code === 'PACK_HASH_MISMATCH'
            ? 'pack_tamper'
            : 'role_mismatch',
      severity: 'high',
      guard: 'binding_verification',
      error_code: code,
      action_taken: 'blocked',
      job_state_from: 'running',
      job_state_to: 'failed',
      nodes_terminated: 0,
      child_jobs_cancelled: 0,
      mutation_fence: false,
      matches: [],
      subject_refs: [canonicalHash(binding.binding_id)],
      context_snapshot_id: null,
      policy_profile_id: session.config.policy.policyProfileId,
      idempotency_key: canonicalHash([ids.jobId, code, 'binding_verification', binding.binding_id]),
    },
  })
  throw new PackError(code, detail)
}
