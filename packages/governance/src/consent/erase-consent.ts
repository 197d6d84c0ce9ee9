import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

/** What is erased was asked for one of these runs, or is one of these requests. */
export interface ErasedConsent {
  readonly runIds: readonly string[]
  readonly requestIds: readonly string[]
}

/**
 * Deletes what was asked and what people answered, with the paths, notes and errors that stand in it. It stays where the receipt may
 * still allow a call (revoke it first), cannot be read, or is one of `receiptsOnRecord`: those that allowed calls whose events stay
 * (PROV-056).
 */
export function eraseConsent(
  database: SqlDatabase,
  { runIds, requestIds }: ErasedConsent,
  receiptsOnRecord: ReadonlySet<string>,
): void {
  inTransaction(database, () => {
    const ofRun = database.prepare('SELECT request_id, receipt_id FROM consent_request WHERE run_id = ?')
    const ofId = database.prepare('SELECT request_id, receipt_id FROM consent_request WHERE request_id = ?')
    const requests = [...runIds.flatMap((id) => ofRun.all(id)), ...requestIds.flatMap((id) => ofId.all(id))]
    for (const { request_id, receipt_id } of requests) {
      const isNeeded =
        typeof receipt_id === 'string' && (receiptsOnRecord.has(receipt_id) || allows(database, receipt_id))
      if (isNeeded) continue
      database.prepare('DELETE FROM consent_request WHERE request_id = ?').run(String(request_id))
      if (typeof receipt_id === 'string') eraseReceipt(database, receipt_id)
    }
  })
}

/** Whether its time is over is left aside, so that a clock cannot decide. */
function allows(database: SqlDatabase, receiptId: string): boolean {
  const standing = `SELECT 1 FROM consent_receipt WHERE receipt_id = ? AND revoked_at IS NULL
    AND (NOT json_valid(receipt) OR receipt ->> '$.approved')
    AND NOT EXISTS (SELECT 1 FROM consent_use WHERE single_use_of = consent_receipt.receipt_id)`
  return database.prepare(standing).get(receiptId) !== undefined
}

/** One that answered requests of several runs goes with the last of them. */
function eraseReceipt(database: SqlDatabase, receiptId: string): void {
  if (database.prepare('SELECT 1 FROM consent_request WHERE receipt_id = ?').get(receiptId)) return
  for (const table of ['consent_use', 'consent_receipt'])
    database.prepare(`DELETE FROM ${table} WHERE receipt_id = ?`).run(receiptId)
}
