// What was decided at a gate, and the signature of a machine that approved it (PROV-073, PROV-074).
import { z } from 'zod'

import { Identifier, SourceId, Summary, Timestamp, Uuid } from './primitives.ts'

export const GateType = z.enum([
  'spec_approval',
  'refinement_sign',
  'scope_change',
  'cloud_escalation',
  'policy_violation',
])
export type GateType = z.infer<typeof GateType>

const Model = z.strictObject({ kind: z.literal('model'), model_id: Identifier })

export const GovernanceDecision = z
  .strictObject({
    schema_version: z.literal('hsk.gov_decision@0.4'),
    decision_id: Uuid,
    gate_type: GateType,
    target_ref: SourceId,
    decision: z.enum(['approve', 'reject', 'defer']),
    confidence: z.number().min(0).max(1),
    rationale: Summary,
    evidence_refs: z.array(SourceId).max(256).exactOptional(),
    timestamp: Timestamp,
    actor: z.discriminatedUnion('kind', [z.strictObject({ kind: z.literal('human'), user_id: Identifier }), Model]),
  })
  .meta({ id: 'GovernanceDecision' })
export type GovernanceDecision = z.infer<typeof GovernanceDecision>

export const AutoSignature = z
  .strictObject({
    schema_version: z.literal('hsk.auto_signature@0.1'),
    auto_signature_id: Uuid,
    decision_id: Uuid,
    /** No machine signs a cloud escalation or a policy violation. */
    gate_type: GateType.exclude(['cloud_escalation', 'policy_violation']),
    target_ref: SourceId,
    created_at: Timestamp,
    actor: Model,
  })
  .meta({ id: 'AutoSignature' })
export type AutoSignature = z.infer<typeof AutoSignature>
