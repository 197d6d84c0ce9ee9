import type { Session } from '../session/session.ts'
import { allEvents } from '../session/all-events.ts'
import type { ErasureScope } from './erasure-scope.ts'

/** Positions of approvals in the scope whose receipt still allows calls, or allowed one that stays on record (PROV-056). */
export function neededApprovals(session: Pick<Session, 'state'>, scope: ErasureScope): ReadonlySet<number> {
  const used = new Set<string>(activeReceipts(session))
  for (const event of allEvents(session, { type: 'cloud_escalation_executed' })) {
    if (event.type === 'cloud_escalation_executed' && !scope.holds(event)) used.add(event.payload.consent_receipt_id)
  }
  const needed = new Set<number>()
  for (const event of allEvents(session, { type: 'cloud_escalation_approved' })) {
    if (event.type === 'cloud_escalation_approved' && used.has(event.payload.consent_receipt_id)) needed.add(event.seq)
  }
  return needed
}

/** Those nobody revoked; whether their time is over is left aside, so that a clock cannot decide. */
function activeReceipts({ state }: Pick<Session, 'state'>): string[] {
  const unused = `SELECT receipt_id FROM consent_receipt WHERE revoked_at IS NULL
    AND receipt_id NOT IN (SELECT single_use_of FROM consent_use WHERE single_use_of IS NOT NULL)`
  return state.database
    .prepare(unused)
    .all()
    .map(({ receipt_id }) => String(receipt_id))
}
