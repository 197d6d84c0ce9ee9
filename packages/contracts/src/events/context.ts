// What one call's context was made of (ACE-077) and what happened to the packs in it (REC-027, REC-029).
import { z } from 'zod'

import { ContextPackFreshnessRecord } from '../freshness.ts'
import { GuardReport } from '../guards.ts'
import { Builder, ContextPackBinding, RoleExecutionIdentity } from '../packs.ts'
import { Count, DeterminismMode, Hash, Uuid } from '../primitives.ts'
import { ENVELOPE, named } from './envelope.ts'
import { ArtifactReference, CandidateId, EventCode, EventIdentifier, EventReference, listOf } from './fields.ts'

const HashedRecord = z.strictObject({ id: Uuid, hash: Hash })

/** The shape of a `GuardReport` (VAL-077) with the bounds of an event; a call has one a hook. */
const GuardRun = z.strictObject({
  ...GuardReport.shape,
  guards: z
    .array(
      z.strictObject({
        name: EventCode,
        verdict: z.enum(['pass', 'fail', 'degrade', 'not_applicable']),
        code: EventCode.exactOptional(),
        duration_ms: z.number().min(0),
      }),
    )
    .max(64),
  drift_flags: listOf(EventReference),
})

const CallReport = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-X-ACE-001', 'ace_call_report'),
  payload: z.strictObject({
    call_id: Uuid.exactOptional(),
    context_snapshot_id: Uuid,
    snapshot_hash: Hash,
    scope_inputs_hash: Hash,
    determinism_mode: DeterminismMode,
    candidate_ids_hash: Hash,
    candidate_count: Count,
    candidate_list_ref: ArtifactReference.exactOptional(),
    selected_ids: listOf(CandidateId),
    selected_hashes: listOf(Hash),
    truncation_flags: listOf(EventReference),
    compaction: z.strictObject({ applied: z.boolean(), trigger: EventCode.exactOptional() }),
    prompt_envelope_hashes: z.strictObject({
      stable_prefix_hash: Hash,
      variable_suffix_hash: Hash,
      full_prompt_hash: Hash,
    }),
    artifact_handle_ids: listOf(Uuid),
    query_plan: HashedRecord.exactOptional(),
    normalized_query_hash: Hash.exactOptional(),
    retrieval_trace: HashedRecord.exactOptional(),
    cache_markers: z.array(z.strictObject({ stage: EventCode, hit: z.boolean() })).max(64),
    rerank: z
      .strictObject({ used: z.boolean(), method: EventIdentifier, inputs_hash: Hash, outputs_hash: Hash })
      .exactOptional(),
    diversity: z
      .strictObject({ used: z.boolean(), method: EventIdentifier, lambda: z.number().exactOptional() })
      .exactOptional(),
    per_source_caps: listOf(z.strictObject({ source_id: EventReference, selected: Count, dropped: Count })),
    drift_flags: listOf(z.strictObject({ kind: EventCode, candidate_id: CandidateId, action: EventCode })),
    degraded: z.boolean(),
    guard_report: z.array(GuardRun).max(8),
  }),
})

const packFacts = {
  pack_id: Uuid,
  target: EventReference,
  payload_hash: Hash,
  source_hashes: listOf(Hash),
  builder: Builder,
  previous_payload_hash: Hash.exactOptional(),
}

const PackBuilt = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-X-PACK-001', 'context_pack_built'),
  payload: z.strictObject(packFacts),
})
const PackReused = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-X-PACK-002', 'context_pack_reused'),
  payload: z.strictObject(packFacts),
})
const PackRefreshed = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-X-PACK-003', 'context_pack_refreshed'),
  payload: z.strictObject(packFacts),
})
const PackStaleOutcome = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-X-PACK-004', 'context_pack_stale_outcome'),
  payload: z.strictObject({
    ...ContextPackFreshnessRecord.shape,
    target: EventReference,
    stale_sources: z
      .array(z.strictObject({ source_id: EventReference, recorded_hash: Hash, current_hash: Hash.nullable() }))
      .max(64),
    /** How many sources were stale, when the list above had to be cut. */
    stale_sources_total: Count.exactOptional(),
  }),
})

const BoundHashes = z.strictObject({ requested_hash: Hash, effective_hash: Hash })

const PackBound = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-X-PACK-005', 'context_pack_bound'),
  payload: z.strictObject({
    binding_id: Uuid,
    reason: ContextPackBinding.shape.reason,
    identity: RoleExecutionIdentity,
    role_pack: BoundHashes,
    work_unit_pack: BoundHashes,
    assembly: ContextPackBinding.shape.assembly,
    constraint_check: ContextPackBinding.shape.constraint_check,
  }),
})

export const CONTEXT_EVENTS = [CallReport, PackBuilt, PackReused, PackRefreshed, PackStaleOutcome, PackBound] as const
