import type { MicroTaskMetrics } from '@ctxlock/contracts/micro-task-job'
import type { IterationRecord } from '@ctxlock/contracts/micro-task-run'

import type { LoopPlan } from './loop-plan.ts'
import type { LoopState, TaskState } from './loop-state.ts'

/** What each micro-task and all of them together took so far (spec 08 section 1). */
export function microTaskMetrics(plan: LoopPlan, state: LoopState): MicroTaskMetrics {
  return {
    micro_tasks: plan.definitions.flatMap(({ mt_id }, index) => {
      const task = state.tasks[index]
      return task ? [{ mt_id, ...taskMetrics(task) }] : []
    }),
    aggregate: aggregateStats(plan, state),
  }
}

function taskMetrics({
  status,
  iterations,
  validations,
  escalationRecord,
}: TaskState): Omit<MicroTaskMetrics['micro_tasks'][number], 'mt_id'> {
  const sum = (of: (iteration: IterationRecord) => number) => iterations.reduce((total, one) => total + of(one), 0)
  return {
    status,
    iterations: iterations.length,
    final_escalation_level: iterations.at(-1)?.escalation_level ?? 0,
    tokens_prompt: sum(({ tokens_prompt }) => tokens_prompt),
    tokens_completion: sum(({ tokens_completion }) => tokens_completion),
    duration_ms: sum(({ duration_ms }) => duration_ms),
    validation_attempts: validations,
    ...(escalationRecord && { escalation_record_ref: escalationRecord }),
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
