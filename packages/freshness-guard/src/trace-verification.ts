import {
  ContextPackFreshnessRecord,
  type FreshnessReport,
  type FreshnessTrace,
  type FreshnessViolation,
} from '@ctxlock/contracts/freshness'
import type { Hash } from '@ctxlock/contracts/primitives'
import { oncePerSettled } from '@ctxlock/core-hash'

import type { FreshnessRules } from './check.ts'
import { currentHashes, type CurrentHashes, type FreshnessReads } from './current-hashes.ts'
import { worstOutcome } from './decision.ts'
import { examinePack } from './examination.ts'
import { recordedDecision, warningTokens } from './recorded-decision.ts'
import { evidenceViolations } from './trace-evidence.ts'

export interface TraceReads extends FreshnessReads {
  /** The stored ContextPackRecord with this payload hash, as untrusted as ever; `undefined` when there is none. */
  readonly findPack: (payloadHash: Hash) => unknown
  /** The sources an entity target consists of now; see `PackToExamine`. */
  readonly currentSourceSet?: (target: string) => readonly string[] | undefined
}

/**
 * Judges a RetrievalTrace as ContextPackFreshnessGuard must (FG-039..FG-041): every decision is made again from the
 * records, every pack a record calls usable is examined again from bytes, and what was selected is held against the
 * result. The trace's own warnings and scores are claims to check, never grounds (VAL-006). Throws `READ_FAILED`.
 */
export function verifyTrace(trace: FreshnessTrace, rules: FreshnessRules, reads: TraceReads): FreshnessReport {
  const violations = freshnessViolations(trace, rules, reads)
  if (violations.length > 0) return { verdict: 'fail', violations }
  const outcome = worstOutcome(trace.context_pack_freshness.map((record) => record.outcome))
  return { verdict: outcome === 'degrade_and_fallback' ? 'degrade' : 'pass', violations }
}

/** Every reason to reject the trace, in the order of its records and then of its candidates (FG-040). */
export function freshnessViolations(
  trace: FreshnessTrace,
  rules: FreshnessRules,
  reads: TraceReads,
): FreshnessViolation[] {
  const hashes = currentHashes(reads)
  const violations: FreshnessViolation[] = []
  const usable = new Set<ContextPackFreshnessRecord>()
  for (const record of trace.context_pack_freshness) {
    const found = recordViolations(record, rules, reads, hashes)
    violations.push(...found)
    if (found.length === 0 && record.effective_pack_payload_hash !== null) usable.add(record)
  }
  const known = new Set(trace.context_pack_freshness.map((record) => record.pack_payload_hash))
  const isPack = (hash: Hash) => known.has(hash) || isFound(reads.findPack(hash))
  return [
    ...violations,
    ...repetitions(trace.context_pack_freshness),
    ...evidenceViolations(trace, { records: trace.context_pack_freshness, usable, isPack }),
    ...missingTokens(trace),
  ]
}

const isWellFormed = oncePerSettled(
  (record: ContextPackFreshnessRecord) => ContextPackFreshnessRecord.safeParse(record).success,
)

function recordViolations(
  record: ContextPackFreshnessRecord,
  rules: FreshnessRules,
  reads: TraceReads,
  hashes: CurrentHashes,
): FreshnessViolation[] {
  if (!isWellFormed(record)) return [{ code: 'record_malformed' }]
  const { pack_id, decision_row } = record
  const where = { pack_id, decision_row, ...reasonOf(record) }
  if (!recordedDecision(record)) return [{ code: 'decision_wrong', ...where }]
  const violations: FreshnessViolation[] = []
  if (!followsRules(record, rules)) violations.push({ code: 'policy_mismatch', ...where })
  if (record.outcome === 'fail') violations.push({ code: 'call_must_fail', ...where })
  if (record.effective_pack_payload_hash !== null) violations.push(...packViolations(record, reads, hashes))
  return violations
}

/** Examines the pack a record calls usable, from bytes (FG-010). */
function packViolations(
  record: ContextPackFreshnessRecord,
  reads: TraceReads,
  hashes: CurrentHashes,
): FreshnessViolation[] {
  const { pack_id, decision_row, target, effective_pack_payload_hash: payloadHash } = record
  const stored = payloadHash === null ? undefined : reads.findPack(payloadHash)
  if (!isFound(stored)) return [{ code: 'pack_unavailable', pack_id, decision_row }]
  const currentSourceSet = reads.currentSourceSet?.(target)
  const found = examinePack({ record: stored, target, ...(currentSourceSet && { currentSourceSet }) }, reads, hashes)
  if (found.state !== 'fresh') return [{ code: 'pack_not_fresh', pack_id, decision_row, reason: found.reason }]
  const isTheRecordedPack =
    found.payloadHash === payloadHash && (record.outcome !== 'use_pack' || found.packId === pack_id)
  return isTheRecordedPack ? [] : [{ code: 'pack_unavailable', pack_id, decision_row }]
}

function isFound(stored: unknown): boolean {
  return stored !== undefined && stored !== null
}

/** A record that states a laxer policy than the one in force would decide itself free (FG-006). */
function followsRules(record: ContextPackFreshnessRecord, { policy, regeneration }: FreshnessRules): boolean {
  return (
    record.context_pack_regen_allowed_policy === policy.regen_allowed &&
    record.context_pack_regen_required === policy.regen_required &&
    record.context_pack_stale_handling === policy.stale_handling &&
    record.context_pack_regen_allowed === regeneration.allowed &&
    record.context_pack_regen_denied_by === regeneration.deniedBy
  )
}

/** One record per pack: a second one could tell another story about the same bytes. */
function repetitions(records: readonly ContextPackFreshnessRecord[]): FreshnessViolation[] {
  const seen = new Set<string>()
  return records.flatMap(({ pack_id }): FreshnessViolation[] => {
    const repeated = seen.has(pack_id)
    seen.add(pack_id)
    return repeated ? [{ code: 'record_repeated', pack_id }] : []
  })
}

function missingTokens({ context_pack_freshness: records, warnings }: FreshnessTrace): FreshnessViolation[] {
  const present = new Set(warnings)
  return warningTokens(records.filter((record) => recordedDecision(record) !== undefined))
    .filter((token) => !present.has(token))
    .map((token) => ({ code: 'token_missing', token }))
}

function reasonOf({ context_pack_stale_reason: reason }: ContextPackFreshnessRecord) {
  return reason === null ? {} : { reason }
}
