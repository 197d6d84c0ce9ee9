import { z } from 'zod'

import { Count, Hash, Identifier, Uuid } from './primitives.ts'

export const StaleHandling = z.enum(['fallback', 'fail', 'degrade_and_fallback'])
export type StaleHandling = z.infer<typeof StaleHandling>

/** What happens to a pack whose source changed (spec 03 section 1). */
export const ContextPackPolicy = z
  .strictObject({ regen_allowed: z.boolean(), regen_required: z.boolean(), stale_handling: StaleHandling })
  .meta({ id: 'ContextPackPolicy' })
export type ContextPackPolicy = z.infer<typeof ContextPackPolicy>

/** The policy of a profile that states none (FG-002). */
export const DEFAULT_CONTEXT_PACK_POLICY: ContextPackPolicy = {
  regen_allowed: true,
  regen_required: false,
  stale_handling: 'fallback',
}

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

export const RegenerationOutcome = z.enum([
  'not_attempted',
  'attempted_failed',
  'performed_still_stale',
  'performed_fresh',
])
export type RegenerationOutcome = z.infer<typeof RegenerationOutcome>

export const FreshnessOutcome = z.enum(['use_pack', 'use_regenerated', 'fallback', 'degrade_and_fallback', 'fail'])
export type FreshnessOutcome = z.infer<typeof FreshnessOutcome>

export const RegenerationDenial = z.enum(['policy', 'capability', 'consent', 'determinism'])
export type RegenerationDenial = z.infer<typeof RegenerationDenial>

/** One examined pack: what was found, what the policy said, what was done (spec 03 section 5). Hashes and ids only. */
export const ContextPackFreshnessRecord = z
  .strictObject({
    pack_id: Uuid,
    target: Identifier.max(8400),
    pack_payload_hash: Hash,
    context_pack_stale_detected: z.boolean(),
    context_pack_stale_reason: StaleReason.nullable(),
    stale_sources: z.array(
      z.strictObject({ source_id: Identifier.max(4200), recorded_hash: Hash, current_hash: Hash.nullable() }),
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

/** The per-call summary in the ContextSnapshot (FG-033, FG-035). */
export const ContextPackFreshnessSummary = z
  .strictObject({
    examined: Count,
    fresh: Count,
    regenerated: Count,
    fallback: Count,
    degraded: Count,
    failed: Count,
    records_hash: Hash,
    context_pack_stale_detected: z.boolean(),
    context_pack_regen_allowed: z.boolean(),
    context_pack_regen_required: z.boolean(),
    context_pack_stale_handling: StaleHandling,
    context_pack_regen_attempted: z.boolean(),
    context_pack_regen_performed: z.boolean(),
  })
  .meta({ id: 'ContextPackFreshnessSummary' })
export type ContextPackFreshnessSummary = z.infer<typeof ContextPackFreshnessSummary>
