// The records of a running micro-task job (spec 08 sections 1, 7, 9 and 10).
import { z } from 'zod'

import { ContextPackPolicy, DEFAULT_CONTEXT_PACK_POLICY } from './freshness.ts'
import { MicroTaskId } from './micro-task.ts'
import { Count, Hash, Identifier, Summary, Timestamp, Uuid } from './primitives.ts'
import { ArtifactHandle } from './references.ts'

export const EscalationLevel = z
  .strictObject({
    level: Count,
    /** A model id, or the literal `HARD_GATE`. */
    model_id: Identifier,
    lora_id: Identifier.exactOptional(),
    lora_selector: z.enum(['auto', 'alternate', 'none']).exactOptional(),
    is_cloud: z.boolean(),
    is_hard_gate: z.boolean(),
  })
  .meta({ id: 'EscalationLevel' })
export type EscalationLevel = z.infer<typeof EscalationLevel>

/** Spec 07 section 4. */
export const ModelSwapPolicy = z
  .strictObject({
    schema_version: z.literal('hsk.exec_policy_ext@0.4'),
    kind: z.literal('model_swap_policy'),
    allow_swaps: z.boolean(),
    max_swaps_per_job: Count,
    swap_timeout_ms: z.int().min(1),
    fallback_strategy: z.enum(['abort', 'continue_with_current', 'escalate_to_cloud']),
    allow_unmeasured_models: z.boolean().exactOptional(),
  })
  .meta({ id: 'ModelSwapPolicy' })
export type ModelSwapPolicy = z.infer<typeof ModelSwapPolicy>

export const ExecutionPolicy = z
  .strictObject({
    max_iterations_per_mt: z.int().min(1).max(20),
    max_total_iterations: z.int().min(1).max(500),
    max_duration_ms: z.int().min(1),
    escalation_chain: z.array(EscalationLevel),
    cloud_escalation_allowed: z.boolean(),
    drop_back_strategy: z.enum(['always', 'never', 'smart']),
    lora_selection: z.enum(['auto_by_task_tags', 'explicit', 'none']),
    explicit_lora_id: Identifier.exactOptional(),
    pause_points: z.array(MicroTaskId),
    enable_distillation: z.boolean(),
    /** Left out: twenty times the sum of the token budgets. */
    max_total_tokens: z.int().min(1).exactOptional(),
    context_pack_policy: ContextPackPolicy,
    extensions: z.array(ModelSwapPolicy),
  })
  .meta({ id: 'ExecutionPolicy' })
export type ExecutionPolicy = z.infer<typeof ExecutionPolicy>

/** The policy without an escalation chain; a job adds the chain of its profile. */
export const DEFAULT_EXECUTION_POLICY: ExecutionPolicy = {
  max_iterations_per_mt: 5,
  max_total_iterations: 100,
  max_duration_ms: 3_600_000,
  escalation_chain: [],
  cloud_escalation_allowed: false,
  drop_back_strategy: 'smart',
  lora_selection: 'none',
  pause_points: [],
  enable_distillation: false,
  context_pack_policy: DEFAULT_CONTEXT_PACK_POLICY,
  extensions: [],
}

export const ExecutionPhase = z.enum([
  'initializing',
  'executing_mt',
  'validating',
  'escalating',
  'paused_user_gate',
  'paused_hard_gate',
  'generating_summaries',
  'finalizing',
  'completed',
  'failed',
])
export type ExecutionPhase = z.infer<typeof ExecutionPhase>

export const ExecutionState = z
  .strictObject({
    current_mt_index: Count,
    current_iteration: Count,
    current_escalation_level: Count,
    current_model_id: Identifier,
    current_lora_id: Identifier.exactOptional(),
    total_iterations: Count,
    total_escalations: Count,
    total_drop_backs: Count,
    /** Per micro-task and level (MT-014). */
    consecutive_failures: Count,
    consecutive_false_completions: Count,
    started_at: Timestamp,
    last_activity_at: Timestamp,
    phase: ExecutionPhase,
  })
  .meta({ id: 'ExecutionState' })
export type ExecutionState = z.infer<typeof ExecutionState>

export const ValidationResult = z
  .strictObject({
    /** True when every blocking spec passed; with no blocking spec nothing is accepted automatically (MT-042). */
    passed: z.boolean(),
    spec_results: z.array(
      z.strictObject({
        spec_index: Count,
        command: z.string().min(1).max(1024),
        expected: z.enum(['exit_0', 'exit_nonzero', 'contains', 'not_contains']),
        actual_exit_code: z.int().nullable(),
        passed: z.boolean(),
        stdout_ref: ArtifactHandle.exactOptional(),
        stderr_ref: ArtifactHandle.exactOptional(),
        duration_ms: Count,
        error: Summary.exactOptional(),
      }),
    ),
    evidence_artifact_ref: ArtifactHandle,
    started_at: Timestamp,
    completed_at: Timestamp,
    total_duration_ms: Count,
  })
  .meta({ id: 'ValidationResult' })
export type ValidationResult = z.infer<typeof ValidationResult>

/** Why the last failing iteration failed; told mechanically from what validation said (MT-031). */
export const FailureCategory = z.enum([
  'syntax_error_isolated',
  'syntax_error_systemic',
  'logic_error_regression',
  'scope_violation',
  'validation_flaky',
  'timeout_exceeded',
  'context_overflow',
  'hallucination_api',
  'incomplete_implementation',
  'unknown',
])
export type FailureCategory = z.infer<typeof FailureCategory>

/** How a micro-task went up the escalation chain, and what was done about the level afterwards (MT-030). */
export const EscalationRecord = z
  .strictObject({
    mt_id: MicroTaskId,
    wp_id: Identifier,
    created_at: Timestamp,
    escalation_chain: z
      .array(
        z.strictObject({
          level: Count,
          model_id: Identifier,
          lora_id: Identifier.exactOptional(),
          iterations: Count,
          failure_pattern: FailureCategory.exactOptional(),
          last_error: Summary.exactOptional(),
          tokens_used: Count,
          outcome: z.enum(['ESCALATE', 'SUCCESS', 'HARD_GATE']),
        }),
      )
      .min(1),
    /** Absent until a level succeeded. */
    remediation: z
      .strictObject({
        success_level: Count,
        success_model_id: Identifier,
        failure_category: FailureCategory,
        contributing_factors: z.array(Summary),
        drop_back_decision: z.strictObject({
          action: z.enum(['DROP_BACK', 'STAY_ESCALATED']),
          target_level: Count.exactOptional(),
          reason: Summary,
          confidence: z.enum(['HIGH', 'MEDIUM', 'LOW']),
        }),
      })
      .exactOptional(),
  })
  .meta({ id: 'EscalationRecord' })
export type EscalationRecord = z.infer<typeof EscalationRecord>

export const IterationRecord = z
  .strictObject({
    iteration: z.int().min(1),
    model_id: Identifier,
    lora_id: Identifier.exactOptional(),
    escalation_level: Count,
    started_at: Timestamp,
    completed_at: Timestamp,
    duration_ms: Count,
    tokens_prompt: Count,
    tokens_completion: Count,
    claimed_complete: z.boolean(),
    validation_passed: z.boolean().exactOptional(),
    validation_evidence_ref: ArtifactHandle.exactOptional(),
    outcome: z.enum(['SUCCESS', 'RETRY', 'ESCALATE', 'BLOCKED', 'SKIPPED']),
    error_summary: Summary.exactOptional(),
    context_snapshot_id: Uuid,
  })
  .meta({ id: 'IterationRecord' })
export type IterationRecord = z.infer<typeof IterationRecord>

export const AggregateStats = z.strictObject({
  total_mts: Count,
  completed_mts: Count,
  failed_mts: Count,
  skipped_mts: Count,
  total_iterations: Count,
  iterations_at_level: z.array(Count),
  total_tokens_prompt: Count,
  total_tokens_completion: Count,
  total_duration_ms: Count,
  escalation_count: Count,
  drop_back_count: Count,
  distillation_candidates_generated: Count,
  success_rate_level_0: z.number().min(0).max(1),
})

export const ProgressArtifact = z
  .strictObject({
    schema_version: z.literal('1.0'),
    wp_id: Identifier,
    job_id: Identifier,
    created_at: Timestamp,
    updated_at: Timestamp,
    completed_at: Timestamp.exactOptional(),
    status: z.enum(['in_progress', 'completed', 'completed_with_issues', 'failed', 'cancelled', 'paused']),
    policy: ExecutionPolicy,
    current_state: ExecutionState,
    micro_tasks: z.array(
      z.strictObject({
        mt_id: MicroTaskId,
        name: z.string().min(1).max(100),
        status: z.enum(['pending', 'in_progress', 'completed', 'failed', 'skipped', 'blocked']),
        iterations: z.array(IterationRecord),
        final_iteration: z.int().min(1).exactOptional(),
        final_model_level: Count.exactOptional(),
        escalation_record_ref: ArtifactHandle.exactOptional(),
        summary_ref: ArtifactHandle.exactOptional(),
        evidence_refs: z.array(ArtifactHandle),
      }),
    ),
    aggregate_stats: AggregateStats,
  })
  .meta({ id: 'ProgressArtifact' })
export type ProgressArtifact = z.infer<typeof ProgressArtifact>

/** One appended line of the run ledger; the last record of a step is its status (MT-045). */
export const RunLedgerRecord = z
  .strictObject({
    seq: Count,
    step_id: z.string().regex(/^MT-[0-9]{3}_iter-[0-9]{3,}$/),
    idempotency_key: Hash,
    status: z.enum(['pending', 'in_progress', 'completed', 'failed']),
    at: Timestamp,
    output_artifact_ref: ArtifactHandle.exactOptional(),
    error: Summary.exactOptional(),
    recoverable: z.boolean(),
  })
  .meta({ id: 'RunLedgerRecord' })
export type RunLedgerRecord = z.infer<typeof RunLedgerRecord>
