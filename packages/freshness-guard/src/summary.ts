import { canonicalHash } from '@ctxlock/core-hash'
import type {
  ContextPackFreshnessRecord,
  ContextPackFreshnessSummary,
  FreshnessOutcome,
} from '@ctxlock/contracts/freshness'

import type { FreshnessRules } from './check.ts'
import { worstOutcome } from './decision.ts'
import { warningTokens } from './recorded-decision.ts'

export interface CallFreshness {
  /** The worst of the individual outcomes; one `fail` fails the call (FG-030). */
  readonly outcome: FreshnessOutcome
  /** For ContextSnapshot; the job then ends as `completed_with_issues` (FG-031, FG-035). */
  readonly degraded: boolean
  /** The call's aggregate for trace and snapshot (FG-033). With no packs it still appears: `examined` 0 (FG-036). */
  readonly summary: ContextPackFreshnessSummary
  /** For `warnings[]` of trace and snapshot (FG-034, FG-035). */
  readonly warnings: readonly string[]
}

/**
 * What one call says about its packs: detected, attempted and performed OR-ed over them, policy values as in force
 * (FG-033..FG-036). Throws `RECORD_INCONSISTENT`.
 */
export function summarise(records: readonly ContextPackFreshnessRecord[], rules: FreshnessRules): CallFreshness {
  const count = (outcome: FreshnessOutcome) => records.filter((record) => record.outcome === outcome).length
  const outcome = worstOutcome(records.map((record) => record.outcome))
  return {
    outcome,
    degraded: outcome === 'degrade_and_fallback',
    summary: {
      examined: records.length,
      fresh: count('use_pack'),
      regenerated: count('use_regenerated'),
      fallback: count('fallback'),
      degraded: count('degrade_and_fallback'),
      failed: count('fail'),
      records_hash: canonicalHash(records),
      context_pack_stale_detected: records.some((record) => record.context_pack_stale_detected),
      context_pack_regen_allowed: rules.regeneration.allowed,
      context_pack_regen_required: rules.policy.regen_required,
      context_pack_stale_handling: rules.policy.stale_handling,
      context_pack_regen_attempted: records.some((record) => record.context_pack_regen_attempted),
      context_pack_regen_performed: records.some((record) => record.context_pack_regen_performed),
    },
    warnings: warningTokens(records),
  }
}
