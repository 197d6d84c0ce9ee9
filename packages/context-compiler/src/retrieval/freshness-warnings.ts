import type { ContextPackFreshnessRecord, StaleReason } from '@ctxlock/contracts/freshness'

const INVALID: ReadonlySet<StaleReason | null> = new Set<StaleReason>([
  'payload_hash_mismatch',
  'schema_unsupported',
  'record_inconsistent',
])

/** The warning tokens a trace must carry for its freshness records, each once (FG-009, FG-026, FG-032, FG-034, FG-036). */
export function freshnessWarnings(records: readonly ContextPackFreshnessRecord[]): string[] {
  return [...new Set(records.flatMap(warningsOf))]
}

function warningsOf(record: ContextPackFreshnessRecord): string[] {
  const { outcome, context_pack_stale_reason: reason } = record
  if (outcome === 'use_pack') return []
  const warnings = [`context_pack_stale:${outcome === 'use_regenerated' ? 'regenerated' : outcome}`]
  if (INVALID.has(reason)) warnings.push(`context_pack_invalid:${reason}`)
  if (outcome !== 'degrade_and_fallback') return warnings
  if (record.context_pack_stale_handling === 'fallback') warnings.push('context_pack_policy:fallback_upgraded')
  return [...warnings, `recovery_hint:refresh_context_pack:${record.target}`]
}
