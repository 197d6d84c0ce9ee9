import { z } from 'zod'

import { AutomationLevel, GovernanceMode, Hash, Identifier, Timestamp, Uuid } from '../primitives.ts'
import { SourceRef } from '../references.ts'
import { Redaction, SourceHash } from './context-pack.ts'

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
