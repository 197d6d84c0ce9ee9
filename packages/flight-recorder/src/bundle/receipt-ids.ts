import type { FlightEvent } from '@ctxlock/contracts/events'

/** The receipts that cloud calls and answers among these events name, in the order of their ids. */
export function receiptIds(events: readonly FlightEvent[]): string[] {
  const ids = events.flatMap(({ payload }) => ('consent_receipt_id' in payload ? [payload.consent_receipt_id] : []))
  return [...new Set(ids.filter((id) => id !== undefined))].toSorted()
}
