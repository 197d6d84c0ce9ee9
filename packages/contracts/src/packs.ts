import { z } from 'zod'

import { ContextPackPolicy } from './freshness.ts'
import {
  AutomationLevel,
  Count,
  GovernanceMode,
  Hash,
  Identifier,
  ParameterClass,
  RelativePath,
  SourceId,
  Timestamp,
  Uuid,
} from './primitives.ts'
import { ArtifactHandle, EntityRef, Selector, SourceRef } from './references.ts'
import { RetrievalBudgets } from './retrieval.ts'

export const SourceHash = z.strictObject({ source_id: SourceId, source_hash: Hash }).meta({ id: 'SourceHash' })
export type SourceHash = z.infer<typeof SourceHash>

export const Builder = z
  .strictObject({ tool_id: Identifier, tool_version: Identifier, config_hash: Hash })
  .meta({ id: 'Builder' })
export type Builder = z.infer<typeof Builder>

export const PackTarget = z
  .discriminatedUnion('ref_type', [
    z.strictObject({ ref_type: z.literal('source_ref'), ref: SourceRef }),
    z.strictObject({ ref_type: z.literal('entity_ref'), ref: EntityRef }),
  ])
  .meta({ id: 'PackTarget' })
export type PackTarget = z.infer<typeof PackTarget>

export const ContextPackRecord = z
  .strictObject({
    schema_version: z.literal('hsk.context_pack_record@1'),
    pack_id: Uuid,
    target: PackTarget,
    pack_artifact: ArtifactHandle,
    source_hashes: z.array(Hash).min(1),
    sources: z.array(SourceHash).min(1),
    payload_hash: Hash,
    created_at: Timestamp,
    builder: Builder,
    version: z.int().min(1),
  })
  .meta({ id: 'ContextPackRecord' })
export type ContextPackRecord = z.infer<typeof ContextPackRecord>

/** Why a file was cut into line windows instead of being read by the extractor of its format. */
export const FallbackReason = z.enum([
  'syntax_error',
  'too_large',
  'lines_too_long',
  'too_deep',
  'too_complex',
  'no_anchors',
  'extractor_failed',
  'invalid_output',
])
export type FallbackReason = z.infer<typeof FallbackReason>

/** Why a file has no pack. The upper-case ones are codes of spec 02; the others say what the file is or how reading it ended. */
export const NotPackedReason = z.enum([
  'missing',
  'unreadable',
  'not_a_file',
  'too_large',
  'outside_workspace',
  'binary',
  'not_utf8',
  'PACK_NOT_ANCHORED',
  'PACK_SOURCE_UNSTABLE',
  'PACK_SECRET_DETECTED',
  'PACK_ABSOLUTE_PATH',
  'PACK_RUNTIME_READ_REF',
  'PACK_REFUSED_BY_GUARD',
])
export type NotPackedReason = z.infer<typeof NotPackedReason>

/** A string measured in code points (spec 02 decision 6), LF line endings, no other control character but TAB (CP-016). */
const packText = (maximum: number) =>
  z
    .string()
    .min(1)
    .regex(new RegExp(`^(?:[^\\p{Cc}]|[\\n\\t]){1,${maximum}}$`, 'u'))

export const PackFact = z.strictObject({
  fact_id: z.string().regex(/^f-[0-9a-f]{12}$/),
  text: packText(512),
  source_refs: z.array(SourceRef),
  confidence: z.number().min(0).max(1),
})
export const PackConstraint = z.strictObject({
  constraint_id: z.string().regex(/^c-[0-9a-f]{12}$/),
  text: packText(512),
  source_refs: z.array(SourceRef),
  severity: z.enum(['hard', 'soft']),
})
export const PackOpenLoop = z.strictObject({
  loop_id: z.string().regex(/^l-[0-9a-f]{12}$/),
  question: packText(512),
  source_refs: z.array(SourceRef),
})
export const PackAnchor = z.strictObject({
  anchor_id: z.string().regex(/^a-[0-9a-f]{12}$/),
  source_ref: SourceRef,
  excerpt_hint: packText(200),
})
export type PackAnchor = z.infer<typeof PackAnchor>

export const Redaction = z
  .strictObject({
    location: z.string().max(1024),
    category: Identifier,
    detector_id: Identifier,
    count: z.int().min(1),
  })
  .meta({ id: 'Redaction' })
export type Redaction = z.infer<typeof Redaction>

export const ContextPackPayload = z
  .strictObject({
    schema_version: z.literal('hsk.context_pack_payload@1'),
    synopsis: packText(800),
    facts: z.array(PackFact),
    constraints: z.array(PackConstraint),
    open_loops: z.array(PackOpenLoop),
    anchors: z.array(PackAnchor).min(1),
    coverage: z.strictObject({
      scanned_selectors: z.array(Selector),
      skipped_selectors: z.array(Selector).exactOptional(),
      /** `name@version` of the extractor the anchors come from. */
      extractor: Identifier.exactOptional(),
      /** Present when the extractor of the format could not be used. */
      fallback_reason: FallbackReason.exactOptional(),
      /** Anchors, facts, constraints and open loops that were found but exceed the limits of a pack. */
      omitted_items: z.int().min(1).exactOptional(),
    }),
    redactions: z.array(Redaction),
  })
  .meta({ id: 'ContextPackPayload' })
export type ContextPackPayload = z.infer<typeof ContextPackPayload>

/** Which role, model and work unit a call is made for (spec 02 section 7); recorded per call, never inside packs. */
export const RoleExecutionIdentity = z
  .strictObject({
    role: Identifier,
    model_id: Identifier.nullable(),
    backend: z.enum(['local', 'cloud']).nullable(),
    parameter_class: ParameterClass.nullable(),
    cloud_reasoning_strength: Identifier.nullable(),
    session_id: Identifier,
    model_instance_id: Identifier.nullable(),
    wp_id: Identifier.nullable(),
    mt_id: Identifier.nullable(),
  })
  .meta({ id: 'RoleExecutionIdentity' })
export type RoleExecutionIdentity = z.infer<typeof RoleExecutionIdentity>

export const RoleId = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/)
export const RuntimeRole = z.enum(['frontend', 'orchestrator', 'worker', 'validator'])
export type RuntimeRole = z.infer<typeof RuntimeRole>

/** What a role may be granted (MT-052). */
export const Capability = z.enum(['artifact.read', 'artifact.write', 'fs.read', 'fs.write', 'proc.exec'])
export type Capability = z.infer<typeof Capability>

export const AllowedTool = z.strictObject({
  tool_id: Identifier,
  tool_version: Identifier.exactOptional(),
  side_effect: z.enum(['READ', 'WRITE', 'EXECUTE']),
})

export const StrictRule = z
  .strictObject({
    rule_id: Identifier,
    severity: z.enum(['hard', 'soft']),
    /** One line. Longer rules than this exceed every permitted token budget. */
    text: z.string().min(1).max(4096),
    /** `LAW:<id>` or `RID:<id>`; hard rules name one the rule registry knows (CP-044). */
    anchor_ref: Identifier,
    source_refs: z.array(SourceRef),
  })
  .meta({ id: 'StrictRule' })
export type StrictRule = z.infer<typeof StrictRule>

export const RoleContextPack = z
  .strictObject({
    schema_version: z.literal('hsk.role_context_pack@1'),
    pack_id: Uuid,
    created_at: Timestamp,
    role_id: RoleId,
    runtime_role: RuntimeRole,
    governance_mode: GovernanceMode,
    automation_level: AutomationLevel,
    policy_profile_id: Identifier,
    protocol_refs: z
      .array(
        z.strictObject({
          ref_id: Identifier,
          version: Identifier,
          content_hash: Hash,
          artifact_id: Uuid.exactOptional(),
        }),
      )
      .min(1),
    allowed_tools: z.array(AllowedTool),
    denied_tools: z.array(Identifier).exactOptional(),
    capabilities: z.array(Identifier),
    strict_rules: z.array(StrictRule).min(1),
    strict_rules_max_tokens: z.int().min(1).max(600),
    redactions: z.array(Redaction),
    sources: z.array(SourceHash),
    pack_hash: Hash,
  })
  .meta({ id: 'RoleContextPack' })
export type RoleContextPack = z.infer<typeof RoleContextPack>

export const VerificationSpec = z
  .strictObject({
    command: z.string().min(1).max(1024),
    expect: z.enum(['exit_0', 'exit_nonzero', 'contains', 'not_contains']),
    pattern: z.string().min(1).max(1024).exactOptional(),
    timeout_ms: z.int().min(1000).max(300_000),
    blocking: z.boolean(),
  })
  .meta({ id: 'VerificationSpec' })
export type VerificationSpec = z.infer<typeof VerificationSpec>

export const DoneCriterion = z
  .strictObject({
    description: z.string().min(1).max(500),
    verification: z.enum(['automated', 'evidence_required']),
    verify_ref: Count.exactOptional(),
  })
  .meta({ id: 'DoneCriterion' })
export type DoneCriterion = z.infer<typeof DoneCriterion>

export const WorkUnitContextPack = z
  .strictObject({
    schema_version: z.literal('hsk.work_unit_context_pack@1'),
    pack_id: Uuid,
    created_at: Timestamp,
    redactions: z.array(Redaction),
    sources: z.array(SourceHash),
    role_id: RoleId,
    role_pack_hash: Hash,
    work_unit: z.strictObject({ kind: z.enum(['wp', 'mt']), wp_id: Identifier, mt_id: Identifier.nullable() }),
    governance_mode: GovernanceMode,
    automation_level: AutomationLevel,
    in_scope_paths: z.array(z.string().min(1).max(4096)),
    lock_set: z.strictObject({
      lock_keys: z.array(RelativePath),
      owner: z.strictObject({ role: RoleId, wp_id: Identifier, mt_id: Identifier.nullable() }),
    }),
    files: z.strictObject({
      read: z.array(RelativePath),
      modify: z.array(RelativePath),
      create: z.array(RelativePath),
    }),
    task: z.strictObject({
      title: z.string().min(1).max(100),
      scope: z.string().max(500),
      actions: z.array(z.string().min(1).max(200)).min(1).max(10),
    }),
    allowed_tools: z.array(AllowedTool),
    verification_contract: z.strictObject({
      verify: z.array(VerificationSpec),
      done: z.array(DoneCriterion),
      required_validators: z.array(Identifier),
      required_gates: z.array(Identifier),
    }),
    context_payload: z.strictObject({
      token_budget: Count,
      allocation: z.strictObject({
        system_rules: Count,
        iteration_context: Count,
        work_unit_definition: Count,
        file_contents: Count,
        previous_output: Count,
      }),
      prefer_context_packs: z.boolean(),
      context_pack_policy: ContextPackPolicy,
      retrieval_budgets: RetrievalBudgets,
      token_counter_id: Identifier,
    }),
    context_pack_refs: z.array(
      z.strictObject({ target: z.string().max(8400), payload_hash: Hash, source_hashes: z.array(Hash) }),
    ),
    pack_hash: Hash,
  })
  .meta({ id: 'WorkUnitContextPack' })
export type WorkUnitContextPack = z.infer<typeof WorkUnitContextPack>

const BoundPack = z.strictObject({ requested_hash: Hash, effective_hash: Hash, artifact: ArtifactHandle })

export const ContextPackBinding = z
  .strictObject({
    schema_version: z.literal('hsk.context_pack_binding@1'),
    binding_id: Uuid,
    created_at: Timestamp,
    job_id: Identifier,
    workflow_run_id: Identifier,
    session_id: Identifier,
    identity: RoleExecutionIdentity,
    provider_id: Identifier,
    reason: z.enum(['job_start', 'model_swap', 'escalation', 'drop_back', 'resume', 'role_change']),
    role_pack: BoundPack,
    work_unit_pack: BoundPack,
    assembly: z.enum(['built', 'rebuilt', 'reused_identical']),
    delta_paths: z.array(z.string().max(1024)),
    constraint_check: z.enum(['equal', 'tightened', 'rejected']),
    previous_binding_id: Uuid.nullable(),
    swap_request_id: Identifier.nullable(),
    cloud_escalation_request_id: Identifier.nullable(),
  })
  .meta({ id: 'ContextPackBinding' })
export type ContextPackBinding = z.infer<typeof ContextPackBinding>
