import type { Detection } from '@ctxlock/ace-validators'
import { eventMatches } from '@ctxlock/ace-validators/poisoning'
import { canonicalHash } from '@ctxlock/core-hash'

import type { Session } from '../../session/session.ts'
import { callEventBase } from '../event-base.ts'
import { violationEvent } from '../violation-event.ts'
import type { GuardRunInput } from './guard-run-input.ts'

/** The security event of a quarantine (VAL-064): which guard suspected what where, by ids, hashes and offsets. */
export function recordQuarantine(
  session: Session,
  { subject, ids }: GuardRunInput,
  { guard, matches }: Detection,
  snapshotId: string | null,
): void {
  const contents = new Set(matches.flatMap(({ members }) => members.map(({ content_hash }) => content_hash)))
  session.recorder.record(
    violationEvent(session, callEventBase(ids, subject), {
      violation_type: 'prompt_injection',
      severity: 'critical',
      guard,
      error_code: 'injection_suspected',
      action_taken: 'quarantined',
      job_state_to: 'running',
      matches: eventMatches(matches),
      context_snapshot_id: snapshotId,
      // Not the key of a poisoning by the same contents: that event must never be taken for a repetition of this one.
      idempotency_key: canonicalHash([ids.jobId, 'quarantined', guard, [...contents].toSorted()]),
    }),
  )
}
