import { canonicalHash } from '@ctxlock/core-hash'

import type { Session } from '../../session/session.ts'
import type { CallIds, CallSubject } from '../call-subject.ts'
import { callEventBase } from '../event-base.ts'
import { violationEvent } from '../violation-event.ts'
import type { PackShelf } from './pack-shelf.ts'

/** FG-009: one security event for each pack whose stored bytes are not those of its record. The call goes on without them. */
export function recordTamperedPacks(session: Session, subject: CallSubject, ids: CallIds, shelf: PackShelf): void {
  for (const { freshness, tampered } of shelf.checked) {
    if (!tampered) continue
    session.recorder.record(
      violationEvent(session, callEventBase(ids, subject), {
        violation_type: 'pack_tamper',
        severity: 'high',
        guard: 'ContextPackFreshnessGuard',
        error_code: 'payload_hash_mismatch',
        action_taken: 'quarantined',
        job_state_to: 'running',
        subject_refs: [freshness.pack_payload_hash],
        context_snapshot_id: null,
        idempotency_key: canonicalHash([ids.jobId, 'pack_tamper', freshness.pack_id, freshness.pack_payload_hash]),
      }),
    )
  }
}
