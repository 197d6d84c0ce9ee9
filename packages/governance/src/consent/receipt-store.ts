import { canonicalHash, canonicalize } from '@ctxlock/core-hash'
import { ConsentReceipt, ProjectionPlan } from '@ctxlock/contracts/consent'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import type { Timestamp } from '@ctxlock/contracts/primitives'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { GovernanceError } from '../governance-error.ts'
import { schemaProblems } from '../schema-problems.ts'
import { storedRecord } from '../stored-record.ts'
import { disclosureHash } from './disclosure.ts'

/** True for the id of a person who may consent. Models, jobs and services are none (PROV-047). */
export type IsHuman = (userId: string) => boolean

export interface StoredReceipt {
  readonly receipt: ConsentReceipt
  /** The plan the human was shown. */
  readonly plan: ProjectionPlan
  readonly revokedAt: Timestamp | null
}

export interface ReceiptStorage {
  readonly now: Timestamp
  readonly isHuman: IsHuman
}

/**
 * Keeps a human's answer together with the plan that was shown (PROV-057). The only way a receipt becomes one: this package
 * makes none. Idempotent for the same content. Throws `RECEIPT_INVALID` and `RECEIPT_CONFLICT`.
 */
export function storeReceipt(
  database: SqlDatabase,
  given: { readonly receipt: unknown; readonly plan: unknown },
  { now, isHuman }: ReceiptStorage,
): void {
  const receipt = ConsentReceipt.safeParse(given.receipt)
  const plan = ProjectionPlan.safeParse(given.plan)
  const problems = [
    ...(receipt.success ? [] : schemaProblems(receipt.error, 'receipt')),
    ...(plan.success ? [] : schemaProblems(plan.error, 'plan')),
  ]
  if (receipt.success && plan.success) {
    problems.push(...receiptProblems(receipt.data, plan.data))
    if (!isHuman(receipt.data.user_id)) problems.push('receipt.user_id: not a person who may consent')
    if (receipt.data.approved_at > now) problems.push('receipt.approved_at: lies in the future')
    if (problems.length === 0) {
      insertReceipt(database, receipt.data, plan.data, now)
      return
    }
  }
  throw new GovernanceError('RECEIPT_INVALID', 'The consent receipt was refused:', problems)
}

/** What a receipt and the plan it answers must say together (PROV-051..PROV-053). */
export function receiptProblems(receipt: ConsentReceipt, plan: ProjectionPlan): string[] {
  const problems: string[] = []
  if (receipt.projection_plan_id !== plan.projection_plan_id)
    problems.push('receipt.projection_plan_id: names another plan')
  if (receipt.payload_sha256 !== plan.payload_sha256)
    problems.push('receipt.payload_sha256: is not the hash of the plan')
  if (receipt.consent_scope === 'SINGLE_CALL') return problems
  const { session_ids: sessions = [], consent_scope: scope } = receipt
  if (plan.payload_sha256 !== disclosureHash(plan)) {
    problems.push('plan.payload_sha256: a plan for several calls carries the hash of what it discloses')
  }
  for (const field of ['valid_from', 'valid_until', 'max_calls', 'max_total_bytes'] as const) {
    if (receipt[field] === undefined) problems.push(`receipt.${field}: required for ${scope}`)
  }
  if (scope === 'SESSION_SCOPED' && sessions.length !== 1)
    problems.push('receipt.session_ids: names exactly one session')
  if (scope === 'BROADCAST_SCOPED' && sessions.length === 0) problems.push('receipt.session_ids: names every session')
  if (scope === 'WP_SCOPED' && receipt.wp_id === undefined) problems.push('receipt.wp_id: required for WP_SCOPED')
  return problems
}

/** The receipt with this id as it was stored, or `undefined`. Throws `RECEIPT_ALTERED` when its row was altered. */
export function readReceipt(database: SqlDatabase, receiptId: string): StoredReceipt | undefined {
  const row = database
    .prepare('SELECT receipt, plan, revoked_at FROM consent_receipt WHERE receipt_id = ?')
    .get(receiptId)
  if (!row) return undefined
  const receipt = storedRecord(ConsentReceipt, row['receipt'])
  const plan = storedRecord(ProjectionPlan, row['plan'])
  if (!receipt || !plan) {
    throw new GovernanceError(
      'RECEIPT_ALTERED',
      `The stored receipt ${receiptId} is damaged; restore the state database.`,
    )
  }
  const revokedAt = row['revoked_at']
  return { receipt, plan, revokedAt: typeof revokedAt === 'string' ? revokedAt : null }
}

/** What a revocation reaches: the host cancels pending jobs and blocks sessions (PROV-055). */
export interface RevokedReceipt {
  readonly consent_receipt_id: string
  readonly session_ids: readonly string[]
  readonly wp_id: string | null
  /** Jobs that used the receipt. */
  readonly job_ids: readonly string[]
}

/** Ends a receipt for good; repeating it changes nothing. Throws `RECEIPT_UNKNOWN`. */
export function revokeReceipt(database: SqlDatabase, receiptId: string, now: Timestamp): RevokedReceipt {
  return inTransaction(database, () => {
    const stored = readReceipt(database, receiptId)
    if (!stored) throw new GovernanceError('RECEIPT_UNKNOWN', `There is no consent receipt ${receiptId}.`)
    database
      .prepare('UPDATE consent_receipt SET revoked_at = ? WHERE receipt_id = ? AND revoked_at IS NULL')
      .run(now, receiptId)
    const jobs = database
      .prepare('SELECT DISTINCT job_id FROM consent_use WHERE receipt_id = ? ORDER BY job_id')
      .all(receiptId)
    return {
      consent_receipt_id: receiptId,
      session_ids: stored.receipt.session_ids ?? [],
      wp_id: stored.receipt.wp_id ?? null,
      job_ids: jobs.map((row) => String(row['job_id'])),
    }
  })
}

function insertReceipt(database: SqlDatabase, receipt: ConsentReceipt, plan: ProjectionPlan, now: Timestamp): void {
  const id = receipt.consent_receipt_id
  inTransaction(database, () => {
    const stored = readReceipt(database, id)
    if (!stored) {
      database
        .prepare(
          'INSERT INTO consent_receipt (receipt_id, receipt, plan, stored_at, revoked_at) VALUES (?, ?, ?, ?, ?)',
        )
        .run(id, canonicalize(receipt), canonicalize(plan), now, receipt.revoked_at ?? null)
      return
    }
    const isSame = isSameRecord(stored.receipt, receipt) && isSameRecord(stored.plan, plan)
    if (isSame) return
    throw new GovernanceError(
      'RECEIPT_CONFLICT',
      `Another receipt is stored under the id ${id}; receipts are never replaced.`,
    )
  })
}

/** Equal by canonical hash. */
export function isSameRecord(a: object, b: object): boolean {
  return canonicalHash(a) === canonicalHash(b)
}
