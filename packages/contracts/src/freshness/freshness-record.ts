import { z } from 'zod'

import { Hash, Uuid } from '../primitives.ts'

/** Source ids and canonical reference ids outgrow `Identifier`: they hold a path of up to 4096 characters, once escaped. */
const longIdentifier = (maximum: number) =>
  z
    .string()
    .min(1)
    .max(maximum)
    .regex(/^[^\p{Cc}]+$/u)

export const StaleHandling = z.enum(['fallback', 'fail', 'degrade_and_fallback'])
export type StaleHandling = z.infer<typeof StaleHandling>

/** What happens to a pack whose source changed (spec 03 section 1). */
export const ContextPackPolicy = z
  .strictObject({ regen_allowed: z.boolean(), regen_required: z.boolean(), stale_handling: StaleHandling })
  .meta({ id: 'ContextPackPolicy' })
export type ContextPackPolicy = z.infer<typeof ContextPackPolicy>

/** The policy of a profile that states none (FG-001, FG-002). */
export const DEFAULT_CONTEXT_PACK_POLICY: Readonly<ContextPackPolicy> = Object.freeze({
  regen_allowed: true,
  regen_required: false,
  stale_handling: 'fallback',
})

/** Why a pack is not used as it stands (FG-008). The last three make it invalid rather than stale. */
export const StaleReason = z.enum([
  'hash_mismatch',
  'source_missing',
  'source_unreadable',
  'source_set_changed',
  'payload_hash_mismatch',
  'schema_unsupported',
  'record_inconsistent',
])
export type StaleReason = z.infer<typeof StaleReason>

/** What became of the one permitted attempt to rebuild a pack (FG-016). */
export const RegenerationOutcome = z.enum([
  'not_attempted',
  'attempted_failed',
  'performed_still_stale',
  'performed_fresh',
])
export type RegenerationOutcome = z.infer<typeof RegenerationOutcome>

/** What is done about one examined pack, best first (FG-030). */
export const FreshnessOutcome = z.enum(['use_pack', 'use_regenerated', 'fallback', 'degrade_and_fallback', 'fail'])
export type FreshnessOutcome = z.infer<typeof FreshnessOutcome>

/** The gate that said no, in the order they are asked (FG-004, FG-019). */
export const RegenerationDenial = z.enum(['policy', 'capability', 'consent', 'determinism'])
export type RegenerationDenial = z.infer<typeof RegenerationDenial>

/** One examined pack: what was found, what the policy said, what was done (spec 03 section 5). Hashes and ids only. */
export const ContextPackFreshnessRecord = z
  .strictObject({
    pack_id: Uuid,
    /** Canonical reference id of the pack's target (ACE-004); short enough for `recovery_hint:…` to fit a warning. */
    target: longIdentifier(8360),
    pack_payload_hash: Hash,
    context_pack_stale_detected: z.boolean(),
    context_pack_stale_reason: StaleReason.nullable(),
    stale_sources: z.array(
      z.strictObject({ source_id: longIdentifier(4200), recorded_hash: Hash, current_hash: Hash.nullable() }),
    ),
    context_pack_regen_allowed: z.boolean(),
    context_pack_regen_allowed_policy: z.boolean(),
    context_pack_regen_denied_by: RegenerationDenial.nullable(),
    context_pack_regen_required: z.boolean(),
    context_pack_stale_handling: StaleHandling,
    context_pack_regen_attempted: z.boolean(),
    context_pack_regen_performed: z.boolean(),
    regen_outcome: RegenerationOutcome,
    outcome: FreshnessOutcome,
    effective_pack_payload_hash: Hash.nullable(),
    decision_row: z.string().regex(/^D(?:[0-2]\d|30)$/),
  })
  .meta({ id: 'ContextPackFreshnessRecord' })
export type ContextPackFreshnessRecord = z.infer<typeof ContextPackFreshnessRecord>
