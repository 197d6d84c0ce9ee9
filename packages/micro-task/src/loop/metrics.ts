import type { MicroTaskMetrics } from '@ctxlock/contracts/micro-task-job'
import type { IterationRecord, ProgressArtifact } from '@ctxlock/contracts/micro-task-run'

import type { LoopPlan } from './loop-plan.ts'
import type { LoopState, TaskState } from './loop-state.ts'

/** What each micro-task and all of them together took so far (spec 08 section 1), by the progress artifact of their job. */
export function microTaskMetrics({ micro_tasks, aggregate_stats }: ProgressArtifact): MicroTaskMetrics {
  return { micro_tasks: micro_tasks.map(taskMetrics), aggregate: aggregate_stats }
}

function taskMetrics({
  mt_id,
  status,
  iterations,
  escalation_record_ref: record,
}: ProgressArtifact['micro_tasks'][number]): MicroTaskMetrics['micro_tasks'][number] {
  const sum = (of: (iteration: IterationRecord) => number) => iterations.reduce((total, one) => total + of(one), 0)
  return {
    mt_id,
    status,
    iterations: iterations.length,
    final_escalation_level: iterations.at(-1)?.escalation_level ?? 0,
    tokens_prompt: sum(({ tokens_prompt }) => tokens_prompt),
    tokens_completion: sum(({ tokens_completion }) => tokens_completion),
    duration_ms: sum(({ duration_ms }) => duration_ms),
    validation_attempts: iterations.filter(({ validation_passed }) => validation_passed !== undefined).length,
    ...(record && { escalation_record_ref: record }),
  }
}

export function aggregateStats({ policy }: LoopPlan, { tasks, totals }: LoopState): MicroTaskMetrics['aggregate'] {
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
