import { canonicalHash, oncePerSettled } from '@ctxlock/core-hash'
import { z } from 'zod'

import { ContextPackFreshnessRecord } from './freshness/freshness-record.ts'
import { Count, DeterminismMode, Hash, Identifier, Summary, Timestamp, Uuid } from './primitives.ts'
import { ArtifactHandle, canonicalReferenceId, EntityRef, type Reference, Selector, SourceRef } from './references.ts'

export const Store = z.enum([
  'context_packs',
  'knowledge_graph',
  'shadow_ws_lexical',
  'shadow_ws_vector',
  'local_web_cache',
  'bounded_read_only',
])
export type Store = z.infer<typeof Store>

export const TrustClass = z.enum(['low', 'medium', 'high'])
export type TrustClass = z.infer<typeof TrustClass>

export const FetchDepth = z.enum(['snippet', 'section', 'fullpage'])
export type FetchDepth = z.infer<typeof FetchDepth>

const Budget = z.int().min(1).max(10_000_000)

/** Limits of one retrieval (spec 04 section 4). Tokens are counted by the call's token counter. */
export const RetrievalBudgets = z
  .strictObject({
    max_total_evidence_tokens: Budget,
    max_snippets_total: Budget,
    max_snippets_per_source: Budget,
    max_candidates_total: Budget,
    max_read_tokens: Budget,
    max_tool_calls: Budget,
    max_rerank_candidates: Budget,
    tool_delta_inline_char_limit: z.int().min(1).max(100_000),
  })
  .meta({ id: 'RetrievalBudgets' })
export type RetrievalBudgets = z.infer<typeof RetrievalBudgets>

export const DEFAULT_RETRIEVAL_BUDGETS: Readonly<RetrievalBudgets> = Object.freeze({
  max_total_evidence_tokens: 1200,
  max_snippets_total: 6,
  max_snippets_per_source: 2,
  max_candidates_total: 60,
  max_read_tokens: 250,
  max_tool_calls: 8,
  max_rerank_candidates: 30,
  tool_delta_inline_char_limit: 2000,
})

export const RetrievalFilters = z
  .strictObject({
    allow_external_fetch: z.boolean(),
    trust_min: TrustClass,
    content_tier_allowlist: z.array(Identifier).exactOptional(),
    consent_profile_allowlist: z.array(Identifier).exactOptional(),
    entity_types_allowlist: z.array(Identifier).exactOptional(),
    time_range: z.strictObject({ start: Timestamp.exactOptional(), end: Timestamp.exactOptional() }).exactOptional(),
  })
  .meta({ id: 'RetrievalFilters' })
export type RetrievalFilters = z.infer<typeof RetrievalFilters>

export const RouteStep = z
  .strictObject({ store: Store, purpose: Summary, max_candidates: z.int().min(1), required: z.boolean() })
  .meta({ id: 'RouteStep' })
export type RouteStep = z.infer<typeof RouteStep>

export const QueryPlan = z
  .strictObject({
    schema_version: z.literal('hsk.query_plan@1'),
    plan_id: Uuid,
    created_at: Timestamp,
    query_text: z.string().max(32_768),
    query_kind: z.enum(['fact_lookup', 'summarize', 'compare', 'transform', 'export', 'unknown']),
    route: z.array(RouteStep).min(1).max(16),
    budgets: RetrievalBudgets,
    filters: RetrievalFilters,
    determinism_mode: DeterminismMode,
    policy_id: Identifier,
    version: z.int().min(1),
  })
  .meta({ id: 'QueryPlan' })
export type QueryPlan = z.infer<typeof QueryPlan>

/** The hash of a plan's content; its id and creation time are outside (CJ-036). */
export const queryPlanHash = oncePerSettled(({ plan_id: _id, created_at: _createdAt, ...content }: QueryPlan): Hash =>
  canonicalHash(content),
)

/** Each part lies in 0..1 and is rounded to 6 decimals when the candidate is made (ACE-038). */
const Score = z.number().min(-1).max(1)

const candidateBase = {
  candidate_id: z.string().regex(/^[0-9a-f]{32}$/),
  store: Store.exclude(['bounded_read_only']),
  scores: z.strictObject({
    lexical: Score.exactOptional(),
    vector: Score.exactOptional(),
    graph: Score.exactOptional(),
    pack: Score.exactOptional(),
    trust_adjust: Score.exactOptional(),
  }),
  base_score: z.number(),
  tiebreak: z.string().max(16_384),
  trust_class: TrustClass,
  fetch_depth: FetchDepth,
}

export const RetrievalCandidate = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('source_ref'), ref: SourceRef, ...candidateBase }),
    z.strictObject({ kind: z.literal('entity_ref'), ref: EntityRef, ...candidateBase }),
    z.strictObject({ kind: z.literal('artifact_handle'), ref: ArtifactHandle, ...candidateBase }),
  ])
  .meta({ id: 'RetrievalCandidate' })
export type RetrievalCandidate = z.infer<typeof RetrievalCandidate>

/** The identity of what one store found (spec 04 section 6). */
export function candidateId(store: RetrievalCandidate['store'], reference: Reference): string {
  return canonicalHash([store, canonicalReferenceId(reference)]).slice(0, 32)
}

/** An `ids_hash`: the hash of an ordered list of ids (CJ-034). */
export function idsHash(ids: readonly string[]): Hash {
  return canonicalHash(ids)
}

/** What a replay reuses instead of asking the stores again (ACE-015, ACE-042). */
export const CandidateList = z
  .strictObject({
    schema_version: z.literal('ctxlock.candidate_list@1'),
    query_plan_hash: Hash,
    candidates: z.array(RetrievalCandidate),
    /** The candidate ids after reranking; equal to the candidates' order when no reranker ran. */
    reranked_ids: z.array(candidateBase.candidate_id),
  })
  .meta({ id: 'CandidateList' })
export type CandidateList = z.infer<typeof CandidateList>

export const SelectedCandidate = z
  .strictObject({
    candidate_id: candidateBase.candidate_id,
    ref: SourceRef,
    final_rank: z.int().min(1),
    final_score: z.number(),
    why: z.string().max(512),
  })
  .meta({ id: 'SelectedCandidate' })
export type SelectedCandidate = z.infer<typeof SelectedCandidate>

/** One bounded piece of evidence. `content_hash` is the text hash of exactly the text that enters the prompt. */
export const EvidenceSpan = z
  .strictObject({
    span_id: Identifier,
    candidate_id: candidateBase.candidate_id,
    ref: SourceRef,
    selector: Selector,
    /** First and last line, 1-based and inclusive. */
    start: z.int().min(1),
    end: z.int().min(1),
    token_estimate: Count,
    content_hash: Hash,
    truncated: z.boolean(),
    fetch_depth: FetchDepth,
  })
  .meta({ id: 'EvidenceSpan' })
export type EvidenceSpan = z.infer<typeof EvidenceSpan>

/** Where a guard saw a pattern in a candidate: ids, hashes and bytes of the text that was scanned, never the text. */
export const CandidateHit = z
  .strictObject({
    candidate_id: candidateBase.candidate_id,
    content_hash: Hash,
    pattern_id: Identifier,
    view_id: Identifier,
    start_byte: Count,
    end_byte: Count,
    /** The waiver that holds it harmless; without one the candidate was left out. */
    waiver_id: Hash.exactOptional(),
  })
  .meta({ id: 'CandidateHit' })
export type CandidateHit = z.infer<typeof CandidateHit>

export const RetrievalTrace = z
  .strictObject({
    schema_version: z.literal('hsk.retrieval_trace@1'),
    trace_id: Uuid,
    query_plan_id: Uuid,
    created_at: Timestamp,
    normalized_query_hash: Hash,
    route_taken: z.array(
      z.strictObject({
        store: Store,
        reason: Summary,
        cache_hit: z.boolean().exactOptional(),
        tool_calls: Count,
        cache_key_hash: Hash.exactOptional(),
      }),
    ),
    candidates: z.array(RetrievalCandidate),
    rerank: z.strictObject({ used: z.boolean(), method: Identifier, inputs_hash: Hash, outputs_hash: Hash }),
    diversity: z.strictObject({ used: z.boolean(), method: Identifier, lambda: z.number().exactOptional() }),
    selected: z.array(SelectedCandidate),
    spans: z.array(EvidenceSpan),
    budgets_applied: RetrievalBudgets,
    filters_applied: RetrievalFilters,
    context_pack_freshness: z.array(ContextPackFreshnessRecord),
    drift: z.array(z.strictObject({ kind: Identifier, candidate_id: candidateBase.candidate_id, action: Identifier })),
    /** What guards suspected and left out, or saw and let pass under a waiver, before it became evidence. */
    hits: z.array(CandidateHit).max(1024).exactOptional(),
    truncation_flags: z.array(z.string().max(8400)),
    warnings: z.array(z.string().max(8400)),
    errors: z.array(z.string().max(512)),
  })
  .meta({ id: 'RetrievalTrace' })
export type RetrievalTrace = z.infer<typeof RetrievalTrace>

/** The hash of a trace's content; ids and creation time are outside (CJ-036). */
export const retrievalTraceHash = oncePerSettled((trace: RetrievalTrace): Hash => {
  const { trace_id: _id, query_plan_id: _planId, created_at: _createdAt, ...content } = trace
  return canonicalHash(content)
})

/** The key of one cacheable stage; any change of any field is a miss (ACE-057, ACE-058). */
export const CacheKey = z
  .strictObject({
    cache_kind: z.enum(['retrieval_candidates', 'rerank_order', 'spans', 'prompt_envelope', 'context_snapshot']),
    determinism_mode: DeterminismMode,
    policy_id: Identifier,
    query_hash: Hash,
    scope_inputs_hash: Hash,
    budgets_hash: Hash,
    filters_hash: Hash,
    toolchain_hash: Hash,
    sources_hash: Hash,
  })
  .meta({ id: 'CacheKey' })
export type CacheKey = z.infer<typeof CacheKey>

export const ToolDelta = z
  .strictObject({
    tool_id: Identifier,
    tool_call_id: Identifier,
    status: z.enum(['ok', 'error']),
    summary: z.string(),
    changed_entity_refs: z.array(EntityRef),
    artifact_handles: z.array(ArtifactHandle),
    errors: z.array(z.string()).exactOptional(),
    warnings: z.array(z.string()).exactOptional(),
  })
  .meta({ id: 'ToolDelta' })
export type ToolDelta = z.infer<typeof ToolDelta>
