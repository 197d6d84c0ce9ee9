// The job of a run of micro-tasks (spec 08 section 1): kind, profile and protocol belong together, so any other mixture does not parse.
import { z } from 'zod'

import { LayerScope } from './context.ts'
import { AggregateStats, ExecutionPolicy, ExecutionState } from './micro-task-run.ts'
import { MicroTaskId } from './micro-task.ts'
import { Count, Identifier, ModelTier, Summary, Timestamp, Uuid } from './primitives.ts'
import { ArtifactHandle, EntityRef } from './references.ts'

export const EXECUTOR_PROFILE = 'micro_task_executor_v1'

/** Never null: of a job that has done nothing yet all counts are 0. */
export const MicroTaskMetrics = z
  .strictObject({
    micro_tasks: z.array(
      z.strictObject({
        mt_id: MicroTaskId,
        status: z.enum(['pending', 'in_progress', 'completed', 'failed', 'skipped', 'blocked']),
        iterations: Count,
        final_escalation_level: Count,
        tokens_prompt: Count,
        tokens_completion: Count,
        duration_ms: Count,
        validation_attempts: Count,
        escalation_record_ref: ArtifactHandle.exactOptional(),
      }),
    ),
    aggregate: AggregateStats,
  })
  .meta({ id: 'MicroTaskMetrics' })
export type MicroTaskMetrics = z.infer<typeof MicroTaskMetrics>

export const MicroTaskExecutorJob = z
  .strictObject({
    schema_version: z.literal('ctxlock.micro_task_executor_job@1'),
    job_kind: z.literal('micro_task_execution'),
    profile_id: z.literal(EXECUTOR_PROFILE),
    protocol_id: z.literal(EXECUTOR_PROFILE),
    job_id: Uuid,
    trace_id: Uuid,
    workflow_run_id: Uuid,
    parent_job_id: Uuid.exactOptional(),
    access_mode: z.enum(['analysis_only', 'preview_only', 'apply_scoped']),
    safety_mode: z.enum(['strict', 'normal', 'experimental']),
    capability_profile_id: Identifier,
    work_profile_id: Identifier,
    policy_profile_id: Identifier,
    model_tier: ModelTier,
    layer_scope: LayerScope,
    entity_refs: z.array(EntityRef),
    state: z.enum(['running', 'completed', 'completed_with_issues', 'failed', 'cancelled']),
    status_reason: Summary.nullable(),
    created_at: Timestamp,
    updated_at: Timestamp,
    wp_id: Identifier,
    mt_definitions_ref: ArtifactHandle,
    progress_artifact_ref: ArtifactHandle,
    run_ledger_ref: ArtifactHandle,
    /** As it was when the run began; a run that is gone on with keeps it. */
    execution_policy: ExecutionPolicy,
    /** The config named no chain: the profile says which model serves the one level there is. */
    routed_by_profile: z.boolean(),
    execution_state: ExecutionState,
    metrics: MicroTaskMetrics,
  })
  .meta({ id: 'MicroTaskExecutorJob' })
export type MicroTaskExecutorJob = z.infer<typeof MicroTaskExecutorJob>
