import { operatorSummary } from '@ctxlock/context-pack'
import { pathOfSourceId } from '@ctxlock/contracts/references'

import type { GovernedCall } from '../governed-call/governed-call.ts'

/** The operator summary of one call (spec 02 section 11), and what else fits a few lines: no rule text, no file contents. */
export function callSummary({ identified, bound, compiled, decision }: GovernedCall) {
  const freshness = compiled.snapshot.context_pack_freshness
  return {
    ...operatorSummary(bound.binding, bound.rolePack, bound.workUnitPack, {
      freshness,
      ...(decision.tier === 'cloud' && { consentReceiptId: decision.consent_receipt_id }),
    }),
    provider: identified.client.displayName,
    rules: {
      strict: bound.rolePack.strict_rules.length,
      files: bound.rolePack.sources.flatMap(({ source_id }) => pathOfSourceId(source_id) ?? []),
    },
    sources_shown: compiled.retrieval.snippets.length,
    tokens: compiled.envelope.stable_prefix.token_estimate + compiled.envelope.variable_suffix.token_estimate,
  }
}

/** The same as text, a few lines. */
export function formatCallSummary(summary: ReturnType<typeof callSummary>): string[] {
  const { freshness, rules } = summary
  const fresh = [
    `${freshness.fresh} fresh`,
    `${freshness.regenerated} regenerated`,
    `${freshness.fallback} fallback`,
    `${freshness.degraded} degraded`,
  ]
  const files =
    rules.files.length === 0
      ? 'built-in only; `ctxlock init` looks for rule files'
      : `built-in and ${rules.files.join(', ')}`
  return [
    `role       ${summary.role} (${summary.runtime_role})`,
    `model      ${summary.model_id ?? 'none'} at ${summary.provider_id}: ${summary.provider}, ${summary.backend ?? 'no'} tier`,
    `packs      role ${summary.role_pack_hash.slice(0, 12)}, work unit ${summary.work_unit_pack_hash.slice(0, 12)}, ${summary.requested_vs_effective}`,
    `work unit  ${summary.wp_id} / ${summary.mt_id ?? 'none'}${summary.lock_paths.length === 0 ? ', changes no file' : `, may change ${summary.lock_paths.join(', ')}`}`,
    `rules      ${rules.strict} strict (${files})`,
    `sources    ${summary.sources_shown} shown, about ${summary.tokens} tokens; packs: ${fresh.join(', ')}`,
    `cloud      ${summary.cloud}`,
  ]
}
