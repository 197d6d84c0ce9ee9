import type { ProgressArtifact } from '@ctxlock/contracts/micro-task-run'

import type { LoopPlan } from './loop-plan.ts'
import type { LoopState, TaskState } from './loop-state.ts'

/** The state of a loop as its progress artifact says it (MT-043). `updatedAt` is a canonical timestamp. */
export function progressArtifact(
  plan: LoopPlan,
  state: LoopState,
  { jobId, updatedAt }: { readonly jobId: string; readonly updatedAt: string },
): ProgressArtifact {
  const { end, counters, totals } = state
  return {
    schema_version: '1.0',
    wp_id: plan.wpId,
    job_id: jobId,
    created_at: state.startedAt,
    updated_at: updatedAt,
    ...(end && { completed_at: updatedAt }),
    status: statusOf(state),
    policy: plan.policy,
    current_state: {
      current_mt_index: Math.min(state.current, plan.definitions.length),
      current_iteration: counters.attempts,
      current_escalation_level: plan.chain[state.rung]?.level ?? 0,
      current_model_id: plan.chain[state.rung]?.model_id ?? state.loadedModel,
      total_iterations: totals.iterations,
      total_escalations: totals.escalations,
      total_drop_backs: totals.dropBacks,
      consecutive_failures: counters.consecutiveFailures,
      consecutive_false_completions: counters.consecutiveFalseCompletions,
      started_at: state.startedAt,
      last_activity_at: state.lastActivityAt,
      phase: state.phase,
    },
    micro_tasks: plan.definitions.flatMap(({ mt_id, name }, index) => {
      const task = state.tasks[index]
      return task ? [{ mt_id, name, ...entryOf(task) }] : []
    }),
    aggregate_stats: aggregateStats(plan, state),
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

function aggregateStats({ policy }: LoopPlan, { tasks, totals }: LoopState): ProgressArtifact['aggregate_stats'] {
  const count = (status: TaskState['status']) => tasks.filter((task) => task.status === status).length
  const iterations = tasks.flatMap((task) => task.iterations)
  const completed = tasks.filter(({ status }) => status === 'completed')
  const atFirst = completed.filter((task) => task.iterations.every(({ escalation_level }) => escalation_level === 0))
  return {
    total_mts: tasks.length,
    completed_mts: count('completed'),
    failed_mts: count('failed'),
    skipped_mts: count('skipped'),
    total_iterations: totals.iterations,
    iterations_at_level: policy.escalation_chain.map(
      ({ level }) => iterations.filter(({ escalation_level }) => escalation_level === level).length,
    ),
    total_tokens_prompt: totals.tokensPrompt,
    total_tokens_completion: totals.tokensCompletion,
    total_duration_ms: totals.activeMs,
    escalation_count: totals.escalations,
    drop_back_count: totals.dropBacks,
    distillation_candidates_generated: 0,
    success_rate_level_0: completed.length === 0 ? 0 : atFirst.length / completed.length,
  }
}
