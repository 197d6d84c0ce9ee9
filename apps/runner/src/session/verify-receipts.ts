import type { EventOf, FlightEvent } from '@ctxlock/contracts/events'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { GovernanceError, readReceipt, type StoredReceipt } from '@ctxlock/governance'

import { allEvents, callIntents } from './all-events.ts'

/** How the receipt behind a call that left this machine can contradict the log. */
export type ReceiptProblem =
  /** The log names a receipt that is not stored, or no longer reads as one. */
  | 'receipt_missing'
  | 'receipt_damaged'
  /** It is no approval, or the log has none that came before the call. */
  | 'not_approved'
  /** It is for other bytes, or of another scope. */
  | 'receipt_of_another_call'
  /** Its time was over, or it was taken back, before the intent of the call. */
  | 'receipt_not_in_force'

export interface ReceiptsReport {
  /** Calls that left this machine. */
  readonly checked: number
  readonly problems: readonly { readonly consent_receipt_id: string; readonly problem: ReceiptProblem }[]
}

/** Checks for every cloud call of the log that a person's answer is stored which allows it (PROV-050, PROV-056). */
export function verifyReceipts(database: SqlDatabase): ReceiptsReport {
  const approved = new Set<string>()
  for (const { payload } of eventsOf(database, 'cloud_escalation_approved')) approved.add(payload.consent_receipt_id)

  const problems: { consent_receipt_id: string; problem: ReceiptProblem }[] = []
  let checked = 0
  for (const { payload, trace_id } of eventsOf(database, 'cloud_escalation_executed')) {
    const { consent_receipt_id } = payload
    const stored = storedReceipt(database, consent_receipt_id)
    const problem =
      typeof stored === 'string'
        ? stored
        : approved.has(consent_receipt_id)
          ? (problemOf(stored, payload) ?? timeProblem(database, stored, trace_id))
          : 'not_approved'
    if (problem) problems.push({ consent_receipt_id, problem })
    checked += 1
  }
  return { checked, problems }
}

function storedReceipt(database: SqlDatabase, id: string): StoredReceipt | ReceiptProblem {
  try {
    return readReceipt(database, id) ?? 'receipt_missing'
  } catch (error) {
    if (error instanceof GovernanceError) return 'receipt_damaged'
    throw error
  }
}

function problemOf(
  { receipt, plan }: StoredReceipt,
  executed: { readonly payload_sha256?: string; readonly consent_scope?: string },
): ReceiptProblem | undefined {
  if (!receipt.approved) return 'not_approved'
  const isOfPlan =
    receipt.payload_sha256 === plan.payload_sha256 && receipt.projection_plan_id === plan.projection_plan_id
  const isScope = receipt.consent_scope === executed.consent_scope
  // Wider receipts are for what is disclosed; which bytes that were is part of the call's own record.
  const isPayload = receipt.consent_scope !== 'SINGLE_CALL' || receipt.payload_sha256 === executed.payload_sha256
  return isOfPlan && isScope && isPayload ? undefined : 'receipt_of_another_call'
}

/** The receipt may have been used long before: what counts is when the call was about to leave. */
function timeProblem(
  database: SqlDatabase,
  { receipt: { valid_until }, revokedAt }: StoredReceipt,
  traceId: string,
): ReceiptProblem | undefined {
  for (const { timestamp } of callIntents({ state: { database } }, { traceId }))
    if ([valid_until, revokedAt].some((end) => typeof end === 'string' && timestamp >= end))
      return 'receipt_not_in_force'
  return undefined
}

function* eventsOf<Type extends 'cloud_escalation_approved' | 'cloud_escalation_executed'>(
  database: SqlDatabase,
  type: Type,
) {
  for (const event of allEvents({ state: { database } }, { type })) if (isOf(event, type)) yield event
}

function isOf<Type extends FlightEvent['type']>(event: FlightEvent, type: Type): event is EventOf<Type> {
  return event.type === type
}
