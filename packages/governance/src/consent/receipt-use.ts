import type { CloudEscalationBundle, ConsentReceipt } from '@ctxlock/contracts/consent'
import type { SqlDatabase } from '@ctxlock/contracts/ports'

import type { CloudCall } from './cloud-call.ts'

/**
 * How many escalations were let through in the name of a job, and of earlier jobs of its run, without the one named. What the same
 * session was let through for in an earlier job is this escalation, begun before its process was killed.
 */
export function countEscalations(
  database: SqlDatabase,
  { job_id, earlier_jobs, session_id }: Pick<CloudCall, 'job_id' | 'earlier_jobs' | 'session_id'>,
  exceptRequestId: string | undefined,
): number {
  const row = database
    .prepare(
      `SELECT count(DISTINCT request_id) AS escalations FROM consent_use WHERE request_id IS NOT ?
       AND (job_id = ? OR (job_id IN (SELECT value FROM json_each(?)) AND session_id IS NOT ?))`,
    )
    .get(exceptRequestId ?? null, job_id, JSON.stringify(earlier_jobs), session_id)
  return Number(row?.['escalations'])
}

/**
 * Spends one use of a receipt, or says why that is not possible. To be called inside the transaction of the other checks:
 * what it counts and what it writes must not be parted.
 */
export function recordUse(
  database: SqlDatabase,
  { job_id, session_id, prepared, now }: CloudCall,
  { request, plan }: CloudEscalationBundle,
  receipt: ConsentReceipt,
): string | undefined {
  const receiptId = receipt.consent_receipt_id
  const isSingle = receipt.consent_scope === 'SINGLE_CALL'
  const spent = database
    .prepare('SELECT count(*) AS calls, coalesce(sum(payload_bytes), 0) AS bytes FROM consent_use WHERE receipt_id = ?')
    .get(receiptId)
  const calls = Number(spent?.['calls'])
  if (isSingle && calls > 0) return 'a receipt for a single call is used once'
  // A limit that is not stated is none: wider receipts state both.
  if (!isSingle && !(calls < (receipt.max_calls ?? 0))) return 'the receipt has calls left'
  if (!isSingle && !(Number(spent?.['bytes']) + prepared.body.length <= (receipt.max_total_bytes ?? 0))) {
    return 'the receipt has bytes left'
  }
  // Otherwise one escalation could be many, each with a receipt of its own, and C3 would count one.
  const other = database
    .prepare('SELECT 1 FROM consent_use WHERE request_id = ? AND (receipt_id <> ? OR job_id <> ?) LIMIT 1')
    .get(request.request_id, receiptId, job_id)
  if (other) return 'a request keeps to one receipt and one job'
  database
    .prepare(
      `INSERT INTO consent_use
       (receipt_id, request_id, plan_id, job_id, session_id, payload_sha256, payload_bytes, used_at, single_use_of)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      receiptId,
      request.request_id,
      plan.projection_plan_id,
      job_id,
      session_id,
      plan.payload_sha256,
      prepared.body.length,
      now,
      isSingle ? receiptId : null,
    )
  return undefined
}

/** Whether a use was spent for this very call. */
export function isUsed(
  database: SqlDatabase,
  { job_id }: Pick<CloudCall, 'job_id'>,
  { request, plan, receipt }: CloudEscalationBundle,
): boolean {
  const row = database
    .prepare('SELECT 1 FROM consent_use WHERE request_id = ? AND receipt_id = ? AND plan_id = ? AND job_id = ? LIMIT 1')
    .get(request.request_id, receipt.consent_receipt_id, plan.projection_plan_id, job_id)
  return row !== undefined
}
