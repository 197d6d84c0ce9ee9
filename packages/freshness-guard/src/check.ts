import type { ContextPackFreshnessRecord, ContextPackPolicy } from '@ctxlock/contracts/freshness'

import { currentHashes, type CurrentHashes, type FreshnessReads } from './current-hashes.ts'
import { decide } from './decision.ts'
import { examinePack, type Examination, type PackToExamine } from './examination.ts'
import type { EffectiveRegeneration } from './policy.ts'
import { regenerateOnce, type Regeneration, type RegenerationOptions } from './regeneration.ts'
import type { VerifiedPack } from './stored-pack.ts'

/** The policy in force, as the job pinned it (FG-006), and what the gates left of it (FG-004). */
export interface FreshnessRules {
  readonly policy: ContextPackPolicy
  readonly regeneration: EffectiveRegeneration
}

export interface CheckedPack {
  /** For `RetrievalTrace.context_pack_freshness` and, when not fresh, FR-EVT-X-PACK-004 (FG-037). */
  readonly freshness: ContextPackFreshnessRecord
  /** The pack to use as evidence, old or rebuilt. Absent: continue with the other routes, or fail (FG-020, FG-028). */
  readonly pack?: VerifiedPack
  /** Stored bytes did not match their record: emit FR-EVT-SEC-VIOLATION `pack_tamper` (FG-009). */
  readonly tampered: boolean
  /** Why a rebuild failed; for the operator's log, never for a record. */
  readonly regenerationError?: unknown
  /** What was asked for and what was found; `recheckPacks` goes on from here. */
  readonly request: PackToExamine
  readonly examination: Examination
}

/**
 * The check when candidates are generated: looks at every pack, rebuilds each stale one at most once if the rules allow it,
 * and decides by the table (FG-007..FG-027). One entry per pack, in the order given; sources shared by several packs are
 * read once. Throws `PACK_UNIDENTIFIABLE` and `READ_FAILED`; a stale pack is an answer, not an error.
 */
export async function checkPacks(
  packs: readonly PackToExamine[],
  rules: FreshnessRules,
  reads: FreshnessReads,
  options: RegenerationOptions,
): Promise<CheckedPack[]> {
  const hashes = currentHashes(reads)
  const checked: CheckedPack[] = []
  for (const request of packs) checked.push(await checkPack(request, rules, reads, options, hashes))
  return checked
}

/** `checkPacks` for one pack. Throws `PACK_UNIDENTIFIABLE` and `READ_FAILED`. */
export async function checkPack(
  request: PackToExamine,
  rules: FreshnessRules,
  reads: FreshnessReads,
  options: RegenerationOptions,
  hashes: CurrentHashes = currentHashes(reads),
): Promise<CheckedPack> {
  const examination = examinePack(request, reads, hashes)
  if (examination.state === 'fresh') return conclude(request, examination, NOT_ATTEMPTED, rules)
  const permitted = { allowed: rules.regeneration.allowed, required: rules.policy.regen_required }
  return conclude(request, examination, await regenerateOnce(request, examination, permitted, reads, options), rules)
}

/**
 * The check immediately before the prompt is assembled (FG-011): hashes every source again (FG-012) and rebuilds nothing.
 * Packs that were not usable before stay so. The entries it was given are out of date afterwards.
 * Throws `READ_FAILED`.
 */
export function recheckPacks(
  checked: readonly CheckedPack[],
  rules: FreshnessRules,
  reads: FreshnessReads,
): CheckedPack[] {
  const hashes = currentHashes(reads)
  return checked.map((before) => {
    const { request, pack, freshness } = before
    if (!pack) return before
    const now = examinePack({ ...request, record: pack.record, target: freshness.target }, reads, hashes)
    if (now.state === 'fresh') return before
    if (freshness.outcome === 'use_pack') return conclude(request, now, NOT_ATTEMPTED, rules)
    // A rebuild did happen in this call, which `not_attempted` would deny: it is a rebuilt pack found stale again (FG-016).
    return conclude(request, before.examination, { outcome: 'performed_still_stale', rebuilt: now }, rules)
  })
}

const NOT_ATTEMPTED: Regeneration = { outcome: 'not_attempted' }

function conclude(
  request: PackToExamine,
  examination: Examination,
  regeneration: Regeneration,
  { policy, regeneration: effective }: FreshnessRules,
): CheckedPack {
  const { rebuilt } = regeneration
  const decision = decide({
    pack: examination.state === 'fresh' ? 'fresh' : 'stale',
    regenAllowed: effective.allowed,
    regenRequired: policy.regen_required,
    staleHandling: policy.stale_handling,
    regenOutcome: regeneration.outcome,
  })
  const found = { none: undefined, examined_pack: examination, regenerated_pack: rebuilt }[decision.evidence]
  const pack = found?.state === 'fresh' ? found.pack : undefined
  const stale = examination.state === 'fresh' ? undefined : examination
  return {
    freshness: {
      pack_id: examination.packId,
      target: examination.target,
      pack_payload_hash: examination.payloadHash,
      context_pack_stale_detected: stale !== undefined,
      context_pack_stale_reason: stale?.reason ?? null,
      stale_sources: [...(stale?.staleSources ?? [])],
      context_pack_regen_allowed: effective.allowed,
      context_pack_regen_allowed_policy: effective.allowedByPolicy,
      context_pack_regen_denied_by: effective.deniedBy,
      context_pack_regen_required: policy.regen_required,
      context_pack_stale_handling: policy.stale_handling,
      context_pack_regen_attempted: decision.attempted,
      context_pack_regen_performed: decision.performed,
      regen_outcome: regeneration.outcome,
      outcome: decision.outcome,
      effective_pack_payload_hash: pack?.record.payload_hash ?? null,
      decision_row: decision.row,
    },
    ...(pack && { pack }),
    tampered: [examination, rebuilt].some(isTampered),
    ...('error' in regeneration && { regenerationError: regeneration.error }),
    request,
    examination,
  }
}

function isTampered(examination: Examination | undefined): boolean {
  return examination?.state === 'invalid' && examination.reason === 'payload_hash_mismatch'
}
