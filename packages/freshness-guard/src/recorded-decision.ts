import type { ContextPackFreshnessRecord, StaleReason } from '@ctxlock/contracts/freshness'

import { decide, isPossible, type Decision } from './decision.ts'
import { FreshnessError } from './freshness-error.ts'

const INVALID_REASONS: ReadonlySet<StaleReason | null> = new Set<StaleReason>([
  'payload_hash_mismatch',
  'schema_unsupported',
  'record_inconsistent',
])

/**
 * The decision a record stands for, made again from its own fields, or `undefined` when the record claims anything else
 * (FG-040). Says nothing about whether those fields are true; that takes another look at the sources.
 */
export function recordedDecision(record: ContextPackFreshnessRecord): Decision | undefined {
  const input = {
    pack: record.context_pack_stale_detected ? 'stale' : 'fresh',
    regenAllowed: record.context_pack_regen_allowed,
    regenRequired: record.context_pack_regen_required,
    staleHandling: record.context_pack_stale_handling,
    regenOutcome: record.regen_outcome,
  } as const
  if (!isPossible(input) || !gatesAgree(record) || !findingAgrees(record)) return undefined
  const decision = decide(input)
  const agrees =
    record.outcome === decision.outcome &&
    record.decision_row === decision.row &&
    record.context_pack_regen_attempted === decision.attempted &&
    record.context_pack_regen_performed === decision.performed &&
    effectiveHashAgrees(record, decision)
  return agrees ? decision : undefined
}

/**
 * What the records demand in `warnings[]`: outcome (FG-034), upgrade (FG-026), invalid pack (FG-009) and, for a degraded
 * one, how to recover (FG-024, FG-032). Each token once, in the order of the records. Throws `RECORD_INCONSISTENT`.
 */
export function warningTokens(records: readonly ContextPackFreshnessRecord[]): string[] {
  return [...new Set(records.flatMap(tokensOf))]
}

/** Stops a call that must not go on: throws `ContextPackStale` for the first record with outcome `fail` (FG-023, FG-042). */
export function refuseStaleCall(records: readonly ContextPackFreshnessRecord[]): void {
  const failed = records.find((record) => record.outcome === 'fail')
  if (!failed) return
  const { pack_id, context_pack_stale_reason: reason, decision_row } = failed
  throw new FreshnessError(
    'ContextPackStale',
    `A fresh pack is required and pack ${pack_id} is not (${reason ?? 'no reason recorded'}, row ${decision_row}): rebuild ` +
      'the pack, or choose another stale_handling than "fail".',
    { pack_id, reason, decision_row },
  )
}

function tokensOf(record: ContextPackFreshnessRecord): string[] {
  const decision = recordedDecision(record)
  const { pack_id, decision_row, context_pack_stale_reason: reason } = record
  if (!decision) {
    throw new FreshnessError(
      'RECORD_INCONSISTENT',
      `The outcome ${record.outcome} (${decision_row}) of pack ${pack_id} does not follow from the rest of its record.`,
      { pack_id, reason, decision_row },
    )
  }
  return [
    ...decision.tokens,
    ...(INVALID_REASONS.has(reason) ? [`context_pack_invalid:${reason}`] : []),
    ...(decision.degraded ? [`recovery_hint:refresh_context_pack:${record.target}`] : []),
  ]
}

function gatesAgree(record: ContextPackFreshnessRecord): boolean {
  const { context_pack_regen_denied_by: deniedBy, context_pack_regen_allowed_policy: policy } = record
  return record.context_pack_regen_allowed === (deniedBy === null) && policy === (deniedBy !== 'policy')
}

function findingAgrees(record: ContextPackFreshnessRecord): boolean {
  const { context_pack_stale_detected: stale, context_pack_stale_reason: reason } = record
  return stale ? reason !== null : reason === null && record.stale_sources.length === 0
}

function effectiveHashAgrees(record: ContextPackFreshnessRecord, { evidence }: Decision): boolean {
  const { effective_pack_payload_hash: effective } = record
  if (evidence === 'examined_pack') return effective === record.pack_payload_hash
  return evidence === 'none' ? effective === null : effective !== null
}
