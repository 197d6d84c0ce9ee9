import { canonicalize } from '@ctxlock/core-hash'
import { ConsentReceipt, ConsentRequest, type ProjectionPlan } from '@ctxlock/contracts/consent'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import type { Hash, Timestamp } from '@ctxlock/contracts/primitives'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { GovernanceError } from '../governance-error.ts'
import { storedRecord } from '../stored-record.ts'
import { readReceipt, storeReceipt, type ReceiptStorage, type StoredReceipt } from './receipt-store.ts'

/** `used` for a call that was let through; a receipt of a wider scope may have uses left all the same. */
export type ConsentState = 'waiting' | 'approved' | 'denied' | 'revoked' | 'used'

export interface StoredConsentRequest {
  readonly asked: ConsentRequest
  readonly state: ConsentState
  /** The human's answer; none while it waits. */
  readonly answer: StoredReceipt | undefined
}

/** Keeps what a human is asked (PROV-049). Idempotent for the same content. Throws `REQUEST_INVALID` and `REQUEST_CONFLICT`. */
export function storeConsentRequest(database: SqlDatabase, given: ConsentRequest): void {
  const asked = ConsentRequest.parse(given)
  const { request, plan, run_id } = asked
  if (request.projection_plan_id !== plan.projection_plan_id || request.session_id === undefined)
    throw new GovernanceError('REQUEST_INVALID', 'A request for consent names its plan and its session.')
  const content = canonicalize(asked)
  inTransaction(database, () => {
    const row = database.prepare('SELECT content FROM consent_request WHERE request_id = ?').get(request.request_id)
    if (row && row['content'] !== content) {
      throw new GovernanceError(
        'REQUEST_CONFLICT',
        `Another request is stored under the id ${request.request_id}; requests are never replaced.`,
      )
    }
    if (row) return
    database
      .prepare(
        'INSERT INTO consent_request (request_id, session_id, run_id, payload_sha256, content) VALUES (?, ?, ?, ?, ?)',
      )
      .run(request.request_id, request.session_id ?? null, run_id, plan.payload_sha256, content)
  })
}

/** All requests, the oldest first. Throws `REQUEST_ALTERED` or `RECEIPT_ALTERED` when a row was altered. */
export function consentRequests(database: SqlDatabase): StoredConsentRequest[] {
  return database
    .prepare('SELECT * FROM consent_request ORDER BY seq')
    .all()
    .map((row) => ofRow(database, row))
}

/** The last request of a run, by which the run is gone on with. Throws `REQUEST_ALTERED` and `RECEIPT_ALTERED`. */
export function lastConsentRequest(database: SqlDatabase, runId: string): StoredConsentRequest | undefined {
  const row = database.prepare('SELECT * FROM consent_request WHERE run_id = ? ORDER BY seq DESC LIMIT 1').get(runId)
  return row && ofRow(database, row)
}

/**
 * The request that was made for this very call and may still be used: same session, same bytes, same destination, and neither
 * spent nor expired. Undefined when a human has to be asked anew. Throws `REQUEST_ALTERED` and `RECEIPT_ALTERED`.
 */
export function openConsentRequest(
  database: SqlDatabase,
  sessionId: string,
  plan: ProjectionPlan,
  now: Timestamp,
): StoredConsentRequest | undefined {
  return database
    .prepare('SELECT * FROM consent_request WHERE session_id = ? AND payload_sha256 = ? ORDER BY seq DESC')
    .all(sessionId, plan.payload_sha256)
    .map((row) => ofRow(database, row))
    .find(({ asked, answer, state }) => state !== 'used' && !isExpired(answer, now) && isSameCall(asked.plan, plan))
}

/** The request for these bytes that a person refused, in whatever job or session of the run it was made: that is for good in the run. */
export function deniedConsentRequest(
  database: SqlDatabase,
  runId: string,
  payloadSha256: Hash,
): StoredConsentRequest | undefined {
  return database
    .prepare('SELECT * FROM consent_request WHERE run_id = ? AND payload_sha256 = ? ORDER BY seq')
    .all(runId, payloadSha256)
    .map((row) => ofRow(database, row))
    .find(({ state }) => state === 'denied')
}

/** True for a request that a person refused: nothing is sent under its id, whatever else allows it. */
export function isDenied(database: SqlDatabase, requestId: string): boolean {
  const row = database.prepare('SELECT * FROM consent_request WHERE request_id = ?').get(requestId)
  return row !== undefined && ofRow(database, row).state === 'denied'
}

function isExpired(answer: StoredReceipt | undefined, now: Timestamp): boolean {
  const until = answer?.receipt.valid_until
  return answer?.receipt.approved === true && until !== undefined && now >= until
}

/** Everything a plan says of a call but its own id and time. */
function isSameCall(a: ProjectionPlan, b: ProjectionPlan): boolean {
  return withoutId(a) === withoutId(b)
}

function withoutId(plan: ProjectionPlan): string {
  const { projection_plan_id: _, created_at: _time, ...described } = plan
  return canonicalize(described)
}

/**
 * Takes a human's answer, for or against: `receipt` answers `plan`, which is the request's own or, for a wider scope, the
 * parent that was shown. The first answer stands. Throws `REQUEST_UNKNOWN`, `REQUEST_ANSWERED` and what `storeReceipt` throws.
 */
export function answerConsentRequest(
  database: SqlDatabase,
  requestId: string,
  given: { readonly receipt: unknown; readonly plan: ProjectionPlan },
  storage: ReceiptStorage,
): void {
  inTransaction(database, () => {
    const row = database.prepare('SELECT * FROM consent_request WHERE request_id = ?').get(requestId)
    if (!row) throw new GovernanceError('REQUEST_UNKNOWN', `There is no request for consent ${requestId}.`)
    const { state } = ofRow(database, row)
    if (state !== 'waiting')
      throw new GovernanceError('REQUEST_ANSWERED', `The request ${requestId} is ${state}; the first answer stands.`)
    storeReceipt(database, given, storage)
    database
      .prepare('UPDATE consent_request SET receipt_id = ? WHERE request_id = ? AND receipt_id IS NULL')
      .run(ConsentReceipt.parse(given.receipt).consent_receipt_id, requestId)
  })
}

function ofRow(database: SqlDatabase, row: Record<string, unknown>): StoredConsentRequest {
  const asked = storedRecord(ConsentRequest, row['content'])
  if (!asked || asked.request.request_id !== row['request_id']) {
    throw new GovernanceError('REQUEST_ALTERED', 'A stored request for consent is damaged; restore the state database.')
  }
  const receiptId = row['receipt_id']
  const answer = typeof receiptId === 'string' ? readReceipt(database, receiptId) : undefined
  return { asked, answer, state: stateOf(database, asked, answer) }
}

function stateOf(database: SqlDatabase, { request }: ConsentRequest, answer: StoredReceipt | undefined): ConsentState {
  if (answer?.receipt.approved === false) return 'denied'
  const used = database.prepare('SELECT 1 FROM consent_use WHERE request_id = ? LIMIT 1').get(request.request_id)
  if (used) return 'used'
  if (!answer) return 'waiting'
  return answer.revokedAt === null ? 'approved' : 'revoked'
}

/** Receipts of a wider scope that a human gave and that stand, the newest first: they may cover a call nobody was asked about. Throws `RECEIPT_ALTERED`. */
export function standingReceipts(database: SqlDatabase): StoredReceipt[] {
  return database
    .prepare('SELECT receipt_id FROM consent_receipt WHERE revoked_at IS NULL ORDER BY stored_at DESC, receipt_id')
    .all()
    .flatMap((row) => readReceipt(database, String(row['receipt_id'])) ?? [])
    .filter(({ receipt }) => receipt.approved && receipt.consent_scope !== 'SINGLE_CALL')
}
