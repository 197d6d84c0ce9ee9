import { eventMatches } from '@ctxlock/ace-validators/poisoning'
import type { WaivedMatch } from '@ctxlock/contracts/guards'

import type { Session } from '../../session/session.ts'
import { callEventBase } from '../event-base.ts'
import type { GuardRunInput } from './guard-run-input.ts'

/** One event for each waiver under which something is about to be sent. */
export function recordWaived(
  session: Pick<Session, 'config' | 'recorder' | 'waivers'>,
  { subject, ids }: GuardRunInput,
  waived: readonly WaivedMatch[],
  snapshotId: string,
): void {
  for (const { waiver_id, approver, expires_at } of session.waivers) {
    const matches = waived.filter((match) => match.waiver_id === waiver_id)
    if (matches.length === 0) continue
    session.recorder.record({
      ...callEventBase(ids, subject),
      actor: 'system',
      fr_event_id: 'FR-EVT-X-WAIVE-001',
      type: 'injection_waived',
      payload: {
        waiver_id,
        approver,
        expires_at,
        count: matches.length,
        matches: eventMatches(matches),
        context_snapshot_id: snapshotId,
        policy_profile_id: session.config.policy.policyProfileId,
      },
    })
  }
}
