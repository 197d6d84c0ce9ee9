import type { ExecutionState, ProgressArtifact } from '@ctxlock/contracts/micro-task-run'

import type { LoopPlan } from './loop-plan.ts'
import type { LoopState, TaskState } from './loop-state.ts'
import { aggregateStats } from './metrics.ts'

/** The state of a loop as its progress artifact says it (MT-043). `updatedAt` is a canonical timestamp. */
export function progressArtifact(
  plan: LoopPlan,
  state: LoopState,
  { jobId, updatedAt }: { readonly jobId: string; readonly updatedAt: string },
): ProgressArtifact {
  const { end } = state
  return {
    schema_version: '1.0',
    wp_id: plan.wpId,
    job_id: jobId,
    created_at: state.startedAt,
    updated_at: updatedAt,
    ...(end && { completed_at: updatedAt }),
    status: statusOf(state),
    policy: plan.policy,
    current_state: executionState(plan, state),
    micro_tasks: plan.definitions.flatMap(({ mt_id, name }, index) => {
      const task = state.tasks[index]
      return task ? [{ mt_id, name, ...entryOf(task) }] : []
    }),
    aggregate_stats: aggregateStats(plan, state),
  }
}

/** Where a loop stands (spec 08 section 1). */
function executionState(plan: LoopPlan, state: LoopState): ExecutionState {
  const { counters, totals } = state
  const level = plan.chain[state.rung]
  return {
    current_mt_index: Math.min(state.current, plan.definitions.length),
    current_iteration: counters.attempts,
    current_escalation_level: level?.level ?? 0,
    current_model_id: level?.model_id ?? state.loadedModel,
    total_iterations: totals.iterations,
    total_escalations: totals.escalations,
    total_drop_backs: totals.dropBacks,
    consecutive_failures: counters.consecutiveFailures,
    consecutive_false_completions: counters.consecutiveFalseCompletions,
    started_at: state.startedAt,
    last_activity_at: state.lastActivityAt,
    phase: state.phase,
  }
}

function statusOf({ end, gate }: LoopState): ProgressArtifact['status'] {
  if (end) return end.status === 'poisoned' ? 'failed' : end.status
  return gate ? 'paused' : 'in_progress'
}

function entryOf(task: TaskState): Omit<ProgressArtifact['micro_tasks'][number], 'mt_id' | 'name'> {
  const last = task.iterations.at(-1)
  const { escalationRecord } = task
  return {
    status: task.status,
    iterations: [...task.iterations],
    ...(task.status === 'completed' &&
      last && { final_iteration: last.iteration, final_model_level: last.escalation_level }),
    ...(escalationRecord && { escalation_record_ref: escalationRecord }),
    evidence_refs: task.iterations.flatMap(({ validation_evidence_ref: evidence }) => (evidence ? [evidence] : [])),
  }
}
