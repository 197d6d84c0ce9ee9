import { artifactReferences } from '@ctxlock/contracts/events'
import type { FlightEvent } from '@ctxlock/contracts/events'
import type { BundleHead, BundleReceipt } from '@ctxlock/contracts/evidence-bundle'
import { bytesHash } from '@ctxlock/core-hash'

import type { BundleProblem } from './bundle-problem.ts'
import type { CheckedEvents } from './check-events.ts'
import { linesOf, type LineOf } from './lines-of.ts'
import type { ReadLine } from './read-lines.ts'
import { receiptIds } from './receipt-ids.ts'

export interface CheckedContents {
  readonly objects: { readonly whole: number; readonly leftOut: number }
  readonly receipts: number
}

/** Checks objects and receipts against what the events name. Only a bundle without redaction has any. */
export function checkContents(
  lines: readonly ReadLine[],
  head: BundleHead | undefined,
  { known, counts }: CheckedEvents,
  problems: BundleProblem[],
): CheckedContents {
  const objects = linesOf(lines, 'object')
  const receipts = linesOf(lines, 'receipt')
  // What an erased event named, nobody can tell any more.
  checkObjects(objects, new Set(known.flatMap(artifactReferences)), counts.erased === 0, problems)
  for (const line of receipts) checkReceipt(line, known, problems)

  if (head?.redaction === 'none') {
    const last = lines.at(-1)?.line ?? 1
    const present = new Set(receipts.map(({ record }) => record.consent_receipt_id))
    for (const id of receiptIds(known)) if (!present.has(id)) problems.push({ line: last, problem: 'receipt_absent' })
    const stored = new Set(objects.map(({ record }) => record.content_hash))
    const absent = known.some((event) => artifactReferences(event).some((hash) => !stored.has(hash)))
    if (absent) problems.push({ line: last, problem: 'object_absent' })
  }
  const whole = objects.filter(({ record }) => 'bytes' in record).length
  return { objects: { whole, leftOut: objects.length - whole }, receipts: receipts.length }
}

function checkObjects(
  objects: readonly LineOf<'object'>[],
  named: ReadonlySet<string>,
  allNamesKnown: boolean,
  problems: BundleProblem[],
): void {
  const seen = new Set<string>()
  for (const { line, record } of objects) {
    const { content_hash } = record
    if (seen.has(content_hash)) problems.push({ line, problem: 'object_repeated' })
    seen.add(content_hash)
    if (allNamesKnown && !named.has(content_hash)) problems.push({ line, problem: 'object_unnamed' })
    if ('bytes' in record && bytesHash(Buffer.from(record.bytes, 'base64')) !== content_hash)
      problems.push({ line, problem: 'object_changed' })
  }
}

function checkReceipt(
  { line, record }: LineOf<'receipt'>,
  events: readonly FlightEvent[],
  problems: BundleProblem[],
): void {
  if (!('receipt' in record)) return
  if (!belongTogether(record)) problems.push({ line, problem: 'receipt_changed' })
  const { receipt, consent_receipt_id } = record
  for (const { type, payload } of events) {
    if (type !== 'cloud_escalation_executed' || payload.consent_receipt_id !== consent_receipt_id) continue
    const isScope = payload.consent_scope === receipt.consent_scope
    // Wider receipts are for what is disclosed; which bytes that were is part of the call's own record.
    const isPayload = receipt.consent_scope !== 'SINGLE_CALL' || payload.payload_sha256 === receipt.payload_sha256
    if (!receipt.approved || !isScope || !isPayload) problems.push({ line, problem: 'receipt_of_another_call' })
  }
}

function belongTogether({ consent_receipt_id, receipt, plan }: Extract<BundleReceipt, { receipt: unknown }>): boolean {
  return (
    receipt.consent_receipt_id === consent_receipt_id &&
    receipt.projection_plan_id === plan.projection_plan_id &&
    receipt.payload_sha256 === plan.payload_sha256
  )
}
