import type { ContextPackFreshnessRecord, RegenerationOutcome } from '@ctxlock/contracts/freshness'

import { decide, type FreshnessRules } from '../index.ts'
import { uuid } from './workspace.ts'

let count = 0

/** A record as this package writes it, with changes to make it lie. */
export function recordOf(
  { policy, regeneration }: FreshnessRules,
  found: 'fresh' | RegenerationOutcome,
  changes: Partial<ContextPackFreshnessRecord> = {},
): ContextPackFreshnessRecord {
  const regenOutcome = found === 'fresh' ? 'not_attempted' : found
  const decision = decide({
    pack: found === 'fresh' ? 'fresh' : 'stale',
    regenAllowed: regeneration.allowed,
    regenRequired: policy.regen_required,
    staleHandling: policy.stale_handling,
    regenOutcome,
  })
  count += 1
  const examined = 'a'.repeat(64)
  return {
    pack_id: uuid(0xf000 + count),
    target: `["source_ref","span","file:${count}",null,null]`,
    pack_payload_hash: examined,
    context_pack_stale_detected: found !== 'fresh',
    context_pack_stale_reason: found === 'fresh' ? null : 'source_missing',
    stale_sources: [],
    context_pack_regen_allowed: regeneration.allowed,
    context_pack_regen_allowed_policy: regeneration.allowedByPolicy,
    context_pack_regen_denied_by: regeneration.deniedBy,
    context_pack_regen_required: policy.regen_required,
    context_pack_stale_handling: policy.stale_handling,
    context_pack_regen_attempted: decision.attempted,
    context_pack_regen_performed: decision.performed,
    regen_outcome: regenOutcome,
    outcome: decision.outcome,
    effective_pack_payload_hash: { none: null, examined_pack: examined, regenerated_pack: 'b'.repeat(64) }[decision.evidence],
    decision_row: decision.row,
    ...changes,
  }
}
