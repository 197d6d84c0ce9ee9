import { bytesHash, canonicalHash } from '@ctxlock/core-hash'

import { type ContextBlock, type ContextSnapshot, envelopeHashes, type PromptEnvelope } from '../context.ts'
import type { JobBaseline } from '../guards.ts'
import { idsHash, type QueryPlan, queryPlanHash, type RetrievalTrace, retrievalTraceHash } from '../retrieval.ts'
import { codePointsPerFour } from '../token-counter.ts'
import { EXAMPLE_HASH, EXAMPLE_TIME, exampleUuid } from './example-constants.ts'
import { handleOf } from './example-workspace.ts'

/** A block of a prompt with nothing remarkable about it but what `more` says. */
export function exampleBlock(
  kind: ContextBlock['kind'],
  order_key: string,
  content: string,
  more: Partial<ContextBlock> = {},
): ContextBlock {
  return { kind, order_key, content, source_refs: [], sensitivity: 'low', projection: 'full', ...more }
}

export function promptEnvelope(prefix: readonly ContextBlock[], suffix: readonly ContextBlock[]): PromptEnvelope {
  const side = (blocks: readonly ContextBlock[]) => ({
    blocks: [...blocks],
    token_budget: 1000,
    token_estimate: 10,
    build_id: 'b',
  })
  return {
    schema_version: 'hsk.prompt_envelope@1',
    stable_prefix: side(prefix),
    variable_suffix: side(suffix),
    ...envelopeHashes(prefix, suffix),
    delimiter_nonce: '0123456789abcdef',
  }
}

export function snapshotOf(call: {
  mode: 'strict' | 'replay'
  tier: 'local' | 'cloud'
  plan: QueryPlan
  trace: RetrievalTrace
  envelope: PromptEnvelope
  list: Uint8Array
  baseline: JobBaseline
}): ContextSnapshot {
  const { plan, trace, envelope } = call
  const ids = trace.candidates.map(({ candidate_id }) => candidate_id)
  const selected = trace.selected.map(({ candidate_id }) => candidate_id)
  const { stable_prefix_hash, variable_suffix_hash, full_prompt_hash } = envelope
  return {
    schema_version: 'hsk.context_snapshot@1',
    context_snapshot_id: exampleUuid('3'),
    job_id: 'job-1',
    step_id: 'step-1',
    created_at: EXAMPLE_TIME,
    determinism_mode: call.mode,
    model_tier: call.tier,
    model_id: 'model',
    policy_profile_id: 'default',
    layer_scope: call.baseline.layer_scope,
    scope_inputs_hash: canonicalHash({ entity_refs: [] }),
    retrieval_candidates: { ids_hash: idsHash(ids), count: ids.length },
    selected_sources: { ids_hash: idsHash(selected), count: selected.length },
    prompt_envelope_hashes: { stable_prefix_hash, variable_suffix_hash, full_prompt_hash },
    delimiter_nonce: envelope.delimiter_nonce,
    artifact_handles: [],
    ...(call.mode === 'strict' && { seed: 0 }),
    warnings: [],
    query_plan: { plan_id: plan.plan_id, hash: queryPlanHash(plan) },
    retrieval_trace: { trace_id: trace.trace_id, hash: retrievalTraceHash(trace) },
    ...(call.mode === 'replay' && {
      candidate_list_ref: handleOf('candidates', bytesHash(call.list), call.list.byteLength),
    }),
    context_pack_binding_id: exampleUuid('4'),
    role_pack_hash: EXAMPLE_HASH,
    work_unit_pack_hash: EXAMPLE_HASH,
    token_counter_id: codePointsPerFour.id,
    context_pack_freshness: {
      examined: 0,
      fresh: 0,
      regenerated: 0,
      fallback: 0,
      degraded: 0,
      failed: 0,
      records_hash: canonicalHash([]),
      context_pack_stale_detected: false,
      context_pack_regen_allowed: true,
      context_pack_regen_required: false,
      context_pack_stale_handling: 'fallback',
      context_pack_regen_attempted: false,
      context_pack_regen_performed: false,
    },
    degraded: false,
  }
}
