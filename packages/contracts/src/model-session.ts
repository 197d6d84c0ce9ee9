// The durable record of one conversation with a model (MT-068).
import { z } from 'zod'

import { RuntimeRole } from './packs.ts'
import { Count, Identifier, ModelTier, ParameterClass, Timestamp } from './primitives.ts'

/** `ACTIVE` exactly while one call executes; `BLOCKED` while a person's answer is awaited; the last three are final. */
export const ModelSessionState = z.enum(['CREATED', 'ACTIVE', 'PAUSED', 'BLOCKED', 'COMPLETED', 'FAILED', 'CANCELLED'])
export type ModelSessionState = z.infer<typeof ModelSessionState>

export const ModelSession = z
  .strictObject({
    schema_version: z.literal('ctxlock.model_session@1'),
    session_id: Identifier,
    parent_session_id: Identifier.nullable(),
    spawn_depth: Count,
    state: ModelSessionState,
    model_id: Identifier,
    backend: ModelTier,
    parameter_class: ParameterClass,
    role: RuntimeRole,
    wp_id: Identifier,
    mt_id: Identifier,
    work_profile_id: Identifier,
    execution_mode: z.enum(['SINGLE_MODEL_MULTI_ROLE', 'MULTI_MODEL_PARALLEL', 'SPLIT_POLICY_AND_PLANNING']),
    created_at: Timestamp,
    updated_at: Timestamp,
    /** Never changes within a session. */
    memory_policy: z.enum(['EPHEMERAL', 'SESSION_SCOPED', 'WORKSPACE_SCOPED']),
    /** Tokens of the last call: estimated before it, as the server counted them afterwards. */
    context_window_used: Count,
    context_window_max: Count,
    consent_receipt_id: Identifier.nullable(),
    projection_plan_id: Identifier.nullable(),
    capability_grants: z.array(Identifier),
    capability_token_ids: z.array(Identifier),
    checkpoint_artifact_id: Identifier.nullable(),
    last_checkpoint_at: Timestamp.nullable(),
  })
  .meta({ id: 'ModelSession' })
export type ModelSession = z.infer<typeof ModelSession>
