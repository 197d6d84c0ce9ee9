import { z } from 'zod'

import { StaleHandling, type StaleReason } from './freshness/freshness-record.ts'
import { Count, Hash } from './primitives.ts'
import type { RetrievalTrace } from './retrieval.ts'

export * from './freshness/freshness-record.ts'

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

/** The part of a RetrievalTrace that freshness can be judged by. */
export type FreshnessTrace = Pick<
  RetrievalTrace,
  'candidates' | 'selected' | 'spans' | 'context_pack_freshness' | 'warnings'
>

/** One reason to reject a trace (FG-040). Ids and codes only. */
export interface FreshnessViolation {
  readonly code:
    | 'record_malformed'
    | 'record_repeated'
    | 'decision_wrong'
    | 'policy_mismatch'
    | 'pack_unavailable'
    | 'pack_not_fresh'
    | 'record_missing'
    | 'score_without_fresh_record'
    | 'candidate_unknown'
    | 'stale_pack_used'
    | 'token_missing'
    | 'call_must_fail'
  readonly pack_id?: string
  readonly candidate_id?: string
  readonly reason?: StaleReason
  readonly decision_row?: string
  readonly token?: string
}

/** `degrade`: nothing is wrong with the trace, but a required fresh pack was not to be had (FG-041). */
export interface FreshnessReport {
  readonly verdict: 'pass' | 'degrade' | 'fail'
  readonly violations: readonly FreshnessViolation[]
}

/** The port ContextPackFreshnessGuard takes: judges a trace by hashing the sources again, never by what the trace claims. */
export type FreshnessVerifier = (trace: FreshnessTrace) => FreshnessReport
