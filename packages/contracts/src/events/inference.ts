// Inference, tools, workflow and metrics (spec 09 section 4, first table).
import { z } from 'zod'

import { RoleExecutionIdentity } from '../packs.ts'
import { Count, Hash, ParameterClass, Timestamp, Uuid } from '../primitives.ts'
import { TokenUsage } from '../provider.ts'
import { BY_SYSTEM, ENVELOPE, named } from './envelope.ts'
import {
  ArtifactReference,
  EventCode,
  EventIdentifier,
  EventReference,
  EventText,
  Milliseconds,
  listOf,
} from './fields.ts'

const LlmInference = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-006', 'llm_inference'),
  payload: z.strictObject({
    trace_id: Uuid,
    model_id: EventIdentifier,
    token_usage: TokenUsage,
    /** The part of the prompt tokens that the provider took from its cache; left out where it did not say. */
    cached_prompt_tokens: Count.exactOptional(),
    latency_ms: Milliseconds.exactOptional(),
    /** Keyed digests: a plain hash of a short prompt can be guessed. */
    prompt_hash: Hash.exactOptional(),
    response_hash: Hash.exactOptional(),
    /** Where the model's own library wrote the request: a digest of the SHA-256 of what left, and its size. */
    wire_digest: Hash.exactOptional(),
    wire_size: Count.exactOptional(),
    call_id: Uuid.exactOptional(),
    provider_id: EventIdentifier.exactOptional(),
    backend: z.enum(['local', 'cloud']).exactOptional(),
    effective_model_id: EventIdentifier.exactOptional(),
    /** Of the weights, as the server named it before the call; left out where it names none. */
    model_digest: EventIdentifier.exactOptional(),
    context_snapshot_id: Uuid.exactOptional(),
    context_pack_binding_id: Uuid.exactOptional(),
    usage_source: z.enum(['provider', 'estimated', 'none']).exactOptional(),
    finish_reason: EventCode.exactOptional(),
    error_code: EventCode.exactOptional(),
    role_execution_identity: RoleExecutionIdentity.exactOptional(),
  }),
})

const ToolCall = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-007', 'tool_call'),
  payload: z.strictObject({
    tool_call_id: EventIdentifier,
    tool_id: EventIdentifier,
    tool_version: EventIdentifier,
    transport: z.enum(['local', 'mcp', 'mex', 'stage_bridge', 'other']),
    side_effect: z.enum(['READ', 'WRITE', 'EXECUTE']),
    idempotency: z.enum(['IDEMPOTENT', 'IDEMPOTENT_WITH_KEY', 'NON_IDEMPOTENT']),
    idempotency_key: Hash.exactOptional(),
    actor_detail: z.strictObject({
      kind: z.enum(['human', 'agent', 'system']),
      agent_id: EventIdentifier.exactOptional(),
      model_id: EventIdentifier.exactOptional(),
    }),
    ok: z.boolean(),
    args_ref: ArtifactReference.exactOptional(),
    args_hash: Hash.exactOptional(),
    result_ref: ArtifactReference.exactOptional(),
    result_hash: Hash.exactOptional(),
    error: z
      .strictObject({
        code: EventCode,
        kind: EventCode,
        message: EventText.exactOptional(),
        retryable: z.boolean().exactOptional(),
      })
      .exactOptional(),
    timing: z.strictObject({ started_at: Timestamp, ended_at: Timestamp, duration_ms: Milliseconds }),
    resources_touched: listOf(EventReference).exactOptional(),
    capability_ids: listOf(EventIdentifier).exactOptional(),
    parent_span_id: EventIdentifier.exactOptional(),
  }),
})

const Diagnostic = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-003', 'diagnostic'),
  payload: z.strictObject({
    diagnostic_id: EventIdentifier,
    wsid: EventIdentifier.exactOptional(),
    severity: z.enum(['fatal', 'error', 'warning', 'info', 'hint']).exactOptional(),
    source: EventCode.exactOptional(),
  }),
})

const WorkflowRecovery = z.strictObject({
  ...ENVELOPE,
  ...BY_SYSTEM,
  ...named('FR-EVT-WF-RECOVERY', 'workflow_recovery'),
  payload: z.strictObject({
    workflow_run_id: EventIdentifier,
    job_id: EventIdentifier.exactOptional(),
    from_state: z.literal('running'),
    to_state: z.literal('stalled'),
    reason: EventText,
    last_heartbeat_ts: Timestamp,
    threshold_secs: Count,
    resume_point: EventIdentifier.exactOptional(),
    steps_recovered: Count.exactOptional(),
    steps_to_retry: Count.exactOptional(),
  }),
})

const LlmExecutionPolicy = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-LLM-EXEC-001', 'llm_exec_policy'),
  payload: z.strictObject({
    trace_id: Uuid,
    model_id: EventIdentifier,
    mode: EventCode,
    exactness: z.enum(['exact', 'approximate']),
    requested_policy_hash: Hash.exactOptional(),
    effective_policy_hash: Hash.exactOptional(),
    downgraded: z.boolean().exactOptional(),
    downgrade_reason: EventText.exactOptional(),
    waiver_ref: EventIdentifier.exactOptional(),
    code: EventCode.exactOptional(),
    role: EventIdentifier.exactOptional(),
    backend: z.enum(['local', 'cloud']).exactOptional(),
    parameter_class: ParameterClass.exactOptional(),
  }),
})

const AccuracyWarning = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-X-METRIC-001', 'metric.accuracy_warning'),
  payload: z.strictObject({ counter_id: EventIdentifier, model_id: EventIdentifier, reason: EventText }),
})

export const INFERENCE_EVENTS = [
  LlmInference,
  ToolCall,
  Diagnostic,
  WorkflowRecovery,
  LlmExecutionPolicy,
  AccuracyWarning,
] as const
