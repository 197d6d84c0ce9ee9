import type {
  ContextSnapshot,
  LayerScope,
  PolicyDecision,
  PromptEnvelope,
  ScopeInputs,
} from '@ctxlock/contracts/context'
import type { ContextPackFreshnessSummary } from '@ctxlock/contracts/freshness'
import type { DeterminismMode, Hash, Uuid } from '@ctxlock/contracts/primitives'
import type { ArtifactHandle } from '@ctxlock/contracts/references'
import { idsHash, type QueryPlan, queryPlanHash, retrievalTraceHash } from '@ctxlock/contracts/retrieval'
import { canonicalHash, settle } from '@ctxlock/core-hash'

import { CompileError } from '../compile-error.ts'
import type { RecordStamps } from '../record-stamps.ts'
import type { Retrieval } from '../retrieval/retrieve.ts'

export interface SnapshotInput {
  readonly job: { readonly job_id: string; readonly step_id: string }
  readonly determinismMode: DeterminismMode
  readonly policy: PolicyDecision
  readonly modelId: string
  readonly layerScope: LayerScope
  /** True for an ingestion job whose capability and consent were checked (ACE-005). */
  readonly rawWriteGranted?: boolean
  readonly scopeInputs: ScopeInputs
  /** Left out for a call without retrieval. */
  readonly retrieval?: Pick<Retrieval, 'trace' | 'degraded'> & { readonly plan: QueryPlan }
  readonly envelope: PromptEnvelope
  readonly binding: { readonly binding_id: Uuid; readonly role_pack_hash: Hash; readonly work_unit_pack_hash: Hash }
  /** Both pack artifacts and whatever else the call refers to. */
  readonly artifactHandles: readonly ArtifactHandle[]
  /** A safe integer; 0 counts. Strict calls have one. */
  readonly seed?: number
  readonly tokenCounterId: string
  /** The aggregate the freshness guard makes, also when no pack was examined (FG-033..FG-036). */
  readonly freshness: ContextPackFreshnessSummary
  readonly candidateListRef?: ArtifactHandle
  readonly localOnlyPayloadRef?: ArtifactHandle
  readonly warnings?: readonly string[]
}

/**
 * What the model saw and why, by hashes and references (ACE-006..ACE-008): one for each model call, frozen. Throws
 * `SeedRequired` for a strict call without a seed and `RawWriteRefused` for a job that may not write raw content.
 */
export function buildSnapshot(input: SnapshotInput, stamps: RecordStamps): ContextSnapshot {
  requireSeed(input)
  const { policy, retrieval, envelope, binding } = input
  const candidateIds = retrieval?.trace.candidates.map(({ candidate_id }) => candidate_id) ?? []
  const selectedIds = retrieval?.trace.selected.map(({ candidate_id }) => candidate_id) ?? []
  const warnings = [...(retrieval?.trace.warnings ?? []), ...(input.warnings ?? [])]
  return settle({
    schema_version: 'hsk.context_snapshot@1',
    context_snapshot_id: stamps.uuid(),
    ...input.job,
    created_at: stamps.timestamp(),
    determinism_mode: input.determinismMode,
    model_tier: policy.model_tier,
    model_id: input.modelId,
    policy_profile_id: policy.policy_profile_id,
    policy_precedence_source: policy.precedence_source,
    projection_mode: policy.projection,
    layer_scope: layerScope(input),
    scope_inputs_hash: canonicalHash(input.scopeInputs),
    retrieval_candidates: { ids_hash: idsHash(candidateIds), count: candidateIds.length },
    selected_sources: { ids_hash: idsHash(selectedIds), count: selectedIds.length },
    prompt_envelope_hashes: {
      stable_prefix_hash: envelope.stable_prefix_hash,
      variable_suffix_hash: envelope.variable_suffix_hash,
      full_prompt_hash: envelope.full_prompt_hash,
    },
    delimiter_nonce: envelope.delimiter_nonce,
    artifact_handles: [...input.artifactHandles],
    warnings: [...new Set(warnings)],
    context_pack_binding_id: binding.binding_id,
    role_pack_hash: binding.role_pack_hash,
    work_unit_pack_hash: binding.work_unit_pack_hash,
    token_counter_id: input.tokenCounterId,
    context_pack_freshness: input.freshness,
    degraded: retrieval?.degraded ?? false,
    ...(input.seed !== undefined && { seed: input.seed }),
    ...(retrieval && {
      query_plan: { plan_id: retrieval.plan.plan_id, hash: queryPlanHash(retrieval.plan) },
      retrieval_trace: { trace_id: retrieval.trace.trace_id, hash: retrievalTraceHash(retrieval.trace) },
    }),
    ...(input.candidateListRef && { candidate_list_ref: input.candidateListRef }),
    ...(input.localOnlyPayloadRef && { local_only_payload_ref: input.localOnlyPayloadRef }),
  })
}

function requireSeed({ determinismMode, seed }: SnapshotInput): void {
  if (determinismMode === 'strict' && !Number.isSafeInteger(seed)) {
    throw new CompileError('SeedRequired', 'A strict call needs a seed, a safe integer; set one or use replay mode.')
  }
}

/** Both sides are sets: sorted, each layer once (CJ-027). */
function layerScope({ layerScope: { read, write }, rawWriteGranted = false }: SnapshotInput): LayerScope {
  if (write.includes('raw') && !rawWriteGranted) {
    throw new CompileError(
      'RawWriteRefused',
      'Only an ingestion job with capability and consent may write raw content; write derived.',
    )
  }
  return { read: [...new Set(read)].toSorted(), write: [...new Set(write)].toSorted() }
}
