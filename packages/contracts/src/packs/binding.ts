import { z } from 'zod'

import { Hash, Identifier, ParameterClass, Timestamp, Uuid } from '../primitives.ts'
import { ArtifactHandle } from '../references.ts'

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
