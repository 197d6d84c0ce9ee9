import { canonicalHash, oncePerSettled } from '@ctxlock/core-hash'
import { z } from 'zod'

import { ContextPackFreshnessSummary } from './freshness.ts'
import {
  Classification,
  Count,
  DeterminismMode,
  Hash,
  Identifier,
  ModelTier,
  SafeInteger,
  Timestamp,
  Uuid,
} from './primitives.ts'
import { ArtifactHandle, EntityRef, SourceRef } from './references.ts'
import { RetrievalBudgets } from './retrieval.ts'

export const Layer = z.enum(['raw', 'derived', 'display'])
/** What a job may read and write; both are sets, sorted (spec 04 section 2). */
export const LayerScope = z.strictObject({ read: z.array(Layer), write: z.array(Layer) }).meta({ id: 'LayerScope' })
export type LayerScope = z.infer<typeof LayerScope>

export const ScopeInputs = z
  .strictObject({
    entity_refs: z.array(EntityRef),
    topic_scope: z.strictObject({ paths: z.array(z.string().max(4096)) }).exactOptional(),
    scope_hints: z
      .array(z.strictObject({ kind: Identifier, value: z.string().max(512) }))
      .max(64)
      .exactOptional(),
    overrides: z.strictObject({ paths: z.array(z.string().max(4096)) }).exactOptional(),
  })
  .meta({ id: 'ScopeInputs' })
export type ScopeInputs = z.infer<typeof ScopeInputs>

export const ProjectionMode = z.enum(['minimal', 'analytics_only', 'full'])
export type ProjectionMode = z.infer<typeof ProjectionMode>

export const ContextBlockKind = z.enum([
  'rules',
  'playbook_ref',
  'task',
  'constraints',
  'memory_pack',
  'retrieved_snippet',
  'tool_delta',
  'open_loops',
  'user_input',
  'scope_hint',
])
export type ContextBlockKind = z.infer<typeof ContextBlockKind>

/** Kinds that may stand in the stable prefix (ACE-012); `memory_pack` is not among them in this version. */
export const PREFIX_KINDS: ReadonlySet<ContextBlockKind> = new Set(['rules', 'playbook_ref', 'constraints', 'task'])

/** Kinds whose text is not ours: rendered between delimiters and scanned (ACE-013, VAL-042). */
export const UNTRUSTED_KINDS: ReadonlySet<ContextBlockKind> = new Set([
  'retrieved_snippet',
  'tool_delta',
  'memory_pack',
  'scope_hint',
  'open_loops',
])

export const ContextBlock = z
  .strictObject({
    kind: ContextBlockKind,
    content: z.string(),
    source_refs: z.array(SourceRef),
    sensitivity: Classification,
    projection: ProjectionMode,
    order_key: Identifier,
  })
  .meta({ id: 'ContextBlock' })
export type ContextBlock = z.infer<typeof ContextBlock>

export const WorkingContext = z
  .strictObject({
    blocks: z.array(ContextBlock),
    token_budget: Count,
    token_estimate: Count,
    build_id: Identifier,
  })
  .meta({ id: 'WorkingContext' })
export type WorkingContext = z.infer<typeof WorkingContext>

export const PromptEnvelope = z
  .strictObject({
    schema_version: z.literal('hsk.prompt_envelope@1'),
    stable_prefix: WorkingContext,
    variable_suffix: WorkingContext,
    stable_prefix_hash: Hash,
    variable_suffix_hash: Hash,
    full_prompt_hash: Hash,
    /** Marks the delimiters of untrusted blocks; derived from the content, see decisions/ (ACE-013). */
    delimiter_nonce: z.string().regex(/^[0-9a-f]{16}$/),
  })
  .meta({ id: 'PromptEnvelope' })
export type PromptEnvelope = z.infer<typeof PromptEnvelope>

export type EnvelopeHashes = Pick<PromptEnvelope, 'stable_prefix_hash' | 'variable_suffix_hash' | 'full_prompt_hash'>

/** The three prompt hashes; a block that moves from one side to the other changes the full one (CJ-036). */
export function envelopeHashes(prefix: readonly ContextBlock[], suffix: readonly ContextBlock[]): EnvelopeHashes {
  return {
    stable_prefix_hash: canonicalHash(prefix),
    variable_suffix_hash: canonicalHash(suffix),
    full_prompt_hash: canonicalHash({ stable_prefix: prefix, variable_suffix: suffix }),
  }
}

/** The hashes an envelope has by its blocks, whatever it says of itself. */
export const envelopeHashesOf = oncePerSettled(({ stable_prefix, variable_suffix }: PromptEnvelope) =>
  envelopeHashes(stable_prefix.blocks, variable_suffix.blocks),
)

export const PolicyDecision = z
  .strictObject({
    policy_profile_id: Identifier,
    precedence_source: z.enum(['override', 'job_profile', 'calendar_event', 'workspace_default']),
    model_tier: ModelTier,
    projection: ProjectionMode,
    decision_id: Uuid,
  })
  .meta({ id: 'PolicyDecision' })
export type PolicyDecision = z.infer<typeof PolicyDecision>

export const ContextPlan = z
  .strictObject({
    schema_version: z.literal('hsk.context_plan@1'),
    scope_inputs: ScopeInputs,
    budgets: z.strictObject({
      total: Count,
      prefix: Count,
      suffix: Count,
      tool_delta_inline_char_limit: z.int().min(1).max(100_000),
      max_retrieval_candidates: Count,
      max_selected_snippets: Count,
    }),
    determinism_mode: DeterminismMode,
    retrieval: z.strictObject({ query_plan_id: Uuid, budgets: RetrievalBudgets }),
    /** Why each source was taken or left out, one entry a candidate. */
    selection: z.array(
      z.strictObject({
        candidate_id: z.string(),
        source_id: z.string(),
        selector: z.string(),
        included: z.boolean(),
        reason: z.string().max(512),
      }),
    ),
    truncation: z.array(z.string().max(8400)),
    compaction: z.strictObject({ applied: z.boolean(), trigger: Identifier.exactOptional() }),
    policy: PolicyDecision,
    playbook_ref: z.strictObject({ playbook_id: Identifier, version: Identifier }).exactOptional(),
  })
  .meta({ id: 'ContextPlan' })
export type ContextPlan = z.infer<typeof ContextPlan>

const HashAndCount = z.strictObject({ ids_hash: Hash, count: Count })

/** What the model saw and why, by hashes and references (ACE-006). */
export const ContextSnapshot = z
  .strictObject({
    schema_version: z.literal('hsk.context_snapshot@1'),
    context_snapshot_id: Uuid,
    job_id: Identifier,
    step_id: Identifier,
    created_at: Timestamp,
    determinism_mode: DeterminismMode,
    model_tier: ModelTier,
    model_id: Identifier,
    policy_profile_id: Identifier,
    policy_precedence_source: PolicyDecision.shape.precedence_source.exactOptional(),
    projection_mode: ProjectionMode.exactOptional(),
    layer_scope: LayerScope,
    scope_inputs_hash: Hash,
    retrieval_candidates: HashAndCount,
    selected_sources: HashAndCount,
    prompt_envelope_hashes: z.strictObject({
      stable_prefix_hash: Hash,
      variable_suffix_hash: Hash,
      full_prompt_hash: Hash,
    }),
    delimiter_nonce: z.string().regex(/^[0-9a-f]{16}$/),
    artifact_handles: z.array(ArtifactHandle),
    seed: SafeInteger.exactOptional(),
    warnings: z.array(z.string().max(8400)),
    local_only_payload_ref: ArtifactHandle.exactOptional(),
    query_plan: z.strictObject({ plan_id: Uuid, hash: Hash }).exactOptional(),
    retrieval_trace: z.strictObject({ trace_id: Uuid, hash: Hash }).exactOptional(),
    candidate_list_ref: ArtifactHandle.exactOptional(),
    context_pack_binding_id: Uuid,
    role_pack_hash: Hash,
    work_unit_pack_hash: Hash,
    token_counter_id: Identifier,
    context_pack_freshness: ContextPackFreshnessSummary,
    degraded: z.boolean(),
  })
  .meta({ id: 'ContextSnapshot' })
export type ContextSnapshot = z.infer<typeof ContextSnapshot>

/** The hash of a snapshot's content; its id and creation time are outside (CJ-036). */
export const contextSnapshotHash = oncePerSettled((snapshot: ContextSnapshot): Hash => {
  const { context_snapshot_id: _id, created_at: _createdAt, ...content } = snapshot
  return canonicalHash(content)
})
