// Micro-task executor (REC-025: the payloads of 002, 004 and 006..017 are ours).
import { z } from 'zod'

import { FailureCategory } from '../micro-task-run.ts'
import { Count, Hash, Uuid } from '../primitives.ts'
import { BY_SYSTEM, ENVELOPE, named } from './envelope.ts'
import { ArtifactReference, EventCode, EventIdentifier, EventText, Milliseconds, listOf } from './fields.ts'

const Level = Count

const inLoop = {
  ...ENVELOPE,
  job_id: EventIdentifier,
  workflow_run_id: EventIdentifier,
  wp_id: EventIdentifier,
}
const inMicroTask = { ...inLoop, mt_id: EventIdentifier }
const inIteration = { ...inMicroTask, iteration: z.int().min(1) }

const LoopStarted = z.strictObject({
  ...inLoop,
  ...named('FR-EVT-MT-001', 'micro_task_loop_started'),
  payload: z.strictObject({
    total_mts: Count,
    execution_policy: z.strictObject({
      policy_hash: Hash,
      max_iterations_per_mt: Count,
      max_total_iterations: Count,
      max_duration_ms: Milliseconds,
      max_total_tokens: Count,
      cloud_escalation_allowed: z.boolean(),
      drop_back_strategy: z.enum(['always', 'never', 'smart']),
    }),
    mt_ids: listOf(EventIdentifier),
    execution_waves: listOf(listOf(EventIdentifier)),
  }),
})
const IterationStarted = z.strictObject({
  ...inIteration,
  ...named('FR-EVT-MT-002', 'micro_task_iteration_started'),
  payload: z.strictObject({ escalation_level: Level, model_id: EventIdentifier, step_id: EventIdentifier }),
})
const IterationComplete = z.strictObject({
  ...inIteration,
  ...named('FR-EVT-MT-003', 'micro_task_iteration_complete'),
  payload: z.strictObject({
    model: z.strictObject({
      base: EventIdentifier,
      lora: EventIdentifier.exactOptional(),
      lora_version: EventIdentifier.exactOptional(),
      quantization: EventIdentifier.exactOptional(),
      context_window: Count,
    }),
    execution: z.strictObject({
      tokens_prompt: Count,
      tokens_completion: Count,
      duration_ms: Milliseconds,
      escalation_level: Level,
    }),
    outcome: z.strictObject({
      claimed_complete: z.boolean(),
      validation_passed: z.boolean().exactOptional(),
      status: z.enum(['SUCCESS', 'RETRY', 'ESCALATE', 'BLOCKED', 'SKIPPED']),
      failure_category: FailureCategory.exactOptional(),
      error_summary: EventText.exactOptional(),
    }),
    context_snapshot_id: Uuid,
    evidence_artifact_ref: ArtifactReference.exactOptional(),
    decision: z.enum(['complete', 'retry', 'escalate', 'skip', 'abort', 'hard_gate']),
  }),
})
const MicroTaskComplete = z.strictObject({
  ...inMicroTask,
  ...named('FR-EVT-MT-004', 'micro_task_complete'),
  payload: z.strictObject({
    iterations: Count,
    final_level: Level,
    summary_ref: ArtifactReference.exactOptional(),
  }),
})
const Escalated = z.strictObject({
  ...inMicroTask,
  ...named('FR-EVT-MT-005', 'micro_task_escalated'),
  payload: z.strictObject({
    from_model: EventIdentifier,
    from_lora: EventIdentifier.exactOptional(),
    from_level: Level,
    to_model: EventIdentifier,
    to_lora: EventIdentifier.exactOptional(),
    to_level: Level,
    reason: EventText,
    failure_category: FailureCategory,
    iterations_at_previous_level: Count,
    escalation_record_ref: ArtifactReference,
  }),
})
const HardGate = z.strictObject({
  ...inLoop,
  ...named('FR-EVT-MT-006', 'micro_task_hard_gate'),
  payload: z.strictObject({
    reason: z.enum([
      'max_total_iterations',
      'max_duration',
      'escalation_exhausted',
      'token_limit',
      'no_blocking_verification',
      'resource_exhausted',
    ]),
    level: Level,
  }),
})
const PauseRequested = z.strictObject({
  ...inMicroTask,
  ...named('FR-EVT-MT-007', 'micro_task_pause_requested'),
  payload: z.strictObject({ pause_point: EventIdentifier }),
})
const Resumed = z.strictObject({
  ...inLoop,
  ...named('FR-EVT-MT-008', 'micro_task_resumed'),
  payload: z.strictObject({ resumed_by: EventIdentifier, decision: z.enum(['continue', 'skip', 'abort']) }),
})
const LoopCompleted = z.strictObject({
  ...inLoop,
  ...named('FR-EVT-MT-009', 'micro_task_loop_completed'),
  payload: z.strictObject({
    status: z.enum(['completed', 'completed_with_issues']),
    completed: Count,
    failed: Count,
    skipped: Count,
    duration_ms: Milliseconds,
    tokens_total: Count,
  }),
})
const LoopFailed = z.strictObject({
  ...inLoop,
  ...named('FR-EVT-MT-010', 'micro_task_loop_failed'),
  payload: z.strictObject({
    reason: EventText,
    error_category: EventCode.exactOptional(),
    code: EventCode.exactOptional(),
  }),
})
const LoopCancelled = z.strictObject({
  ...inLoop,
  ...named('FR-EVT-MT-011', 'micro_task_loop_cancelled'),
  payload: z.strictObject({ reason: EventText, cancelled_by: EventIdentifier }),
})
const Validation = z.strictObject({
  ...inIteration,
  ...named('FR-EVT-MT-012', 'micro_task_validation'),
  payload: z.strictObject({
    passed: z.boolean(),
    specs_total: Count,
    specs_passed: Count,
    /** Indices of the blocking specs that failed. */
    blocking_failed: listOf(Count),
    duration_ms: Milliseconds,
    evidence_artifact_ref: ArtifactReference,
  }),
})
const LoraSelection = z.strictObject({
  ...inMicroTask,
  ...named('FR-EVT-MT-013', 'micro_task_lora_selection'),
  payload: z.strictObject({
    model_id: EventIdentifier,
    lora_id: EventIdentifier.nullable(),
    selector: z.enum(['auto', 'alternate', 'explicit', 'none']),
  }),
})
const DropBack = z.strictObject({
  ...inMicroTask,
  ...named('FR-EVT-MT-014', 'micro_task_drop_back'),
  payload: z.strictObject({
    from_level: Level,
    to_level: Level,
    from_model: EventIdentifier,
    to_model: EventIdentifier,
    reason: EventText,
    confidence: z.enum(['HIGH', 'MEDIUM', 'LOW']),
  }),
})
const DistillationCandidate = z.strictObject({
  ...inMicroTask,
  ...named('FR-EVT-MT-015', 'micro_task_distillation_candidate'),
  payload: z.strictObject({ candidate_ref: ArtifactReference, eligible: z.boolean() }),
})
const Skipped = z.strictObject({
  ...inMicroTask,
  ...named('FR-EVT-MT-016', 'micro_task_skipped'),
  payload: z.strictObject({ reason: EventText, requested_by: EventIdentifier }),
})
const Blocked = z.strictObject({
  ...inMicroTask,
  ...named('FR-EVT-MT-017', 'micro_task_blocked'),
  payload: z.strictObject({ reason: EventText, need: EventText.exactOptional(), recoverable: z.boolean() }),
})

/** Which definitions artifact a run works off, and what it was made from (MT-002). */
const DefinitionsBound = z.strictObject({
  ...inLoop,
  ...BY_SYSTEM,
  ...named('FR-EVT-X-MT-001', 'micro_task_definitions_bound'),
  payload: z.strictObject({
    definitions_ref: ArtifactReference,
    generator_id: EventIdentifier,
    generator_version: EventIdentifier,
    packet_hash: Hash,
    total_mts: Count,
  }),
})

export const MICRO_TASK_EVENTS = [
  LoopStarted,
  IterationStarted,
  IterationComplete,
  MicroTaskComplete,
  Escalated,
  HardGate,
  PauseRequested,
  Resumed,
  LoopCompleted,
  LoopFailed,
  LoopCancelled,
  Validation,
  LoraSelection,
  DropBack,
  DistillationCandidate,
  Skipped,
  Blocked,
  DefinitionsBound,
] as const
