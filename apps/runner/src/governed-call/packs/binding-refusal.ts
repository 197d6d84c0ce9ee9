import { PackError, type PackErrorCode } from '@ctxlock/context-pack'
import { canonicalHash } from '@ctxlock/core-hash'

import type { Session } from '../../session/session.ts'
import type { CallIds, CallSubject } from '../call-subject.ts'
import { callEventBase } from '../event-base.ts'
import { violationEvent } from '../violation-event.ts'

/** What a refusal is called in the log (REC-019); every other one means that what was stored is not what it says. */
const VIOLATIONS: Partial<Record<PackErrorCode, 'role_mismatch' | 'job_boundary' | 'constraints_weakened'>> = {
  PACK_ROLE_MISMATCH: 'role_mismatch',
  PACK_WORK_UNIT_MISMATCH: 'role_mismatch',
  PACK_PROTOCOL_MISMATCH: 'role_mismatch',
  PACK_GOVERNANCE_MISMATCH: 'job_boundary',
  PACK_CONSTRAINTS_WEAKENED: 'constraints_weakened',
}

const GUARD = 'binding_verification'

/** Runs a check of packs that were bound; what it throws is recorded first (CP-053, CP-054, CP-064). */
export function refusing<Result>(session: Session, subject: CallSubject, ids: CallIds, step: () => Result): Result {
  try {
    return step()
  } catch (error) {
    if (error instanceof PackError) recordViolation(session, subject, ids, error.code)
    throw error
  }
}

function recordViolation(session: Session, subject: CallSubject, ids: CallIds, code: PackErrorCode): void {
  const violation = VIOLATIONS[code] ?? 'pack_tamper'
  const about = canonicalHash([subject.role.role_id, subject.wpId, subject.definition.mt_id, code])
  session.recorder.record(
    violationEvent(session, callEventBase(ids, subject), {
      violation_type: violation,
      severity: 'high',
      guard: GUARD,
      error_code: code,
      action_taken: 'blocked',
      job_state_to: 'failed',
      subject_refs: [about],
      context_snapshot_id: null,
      idempotency_key: canonicalHash([ids.jobId, violation, GUARD, [about]]),
    }),
  )
}
