import { z } from 'zod'

import { ContextPackPolicy } from '../freshness.ts'
import {
  AutomationLevel,
  Count,
  GovernanceMode,
  Hash,
  Identifier,
  RelativePath,
  Timestamp,
  Uuid,
} from '../primitives.ts'
import { RetrievalBudgets } from '../retrieval.ts'
import { Redaction, SourceHash } from './context-pack.ts'
import { AllowedTool, RoleId } from './role-pack.ts'

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
