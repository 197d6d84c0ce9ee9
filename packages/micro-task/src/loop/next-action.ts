import type { MicroTaskDefinition } from '@ctxlock/contracts/micro-task'
import type { EscalationLevel } from '@ctxlock/contracts/micro-task-run'

import { stepId } from '../idempotency.ts'
import type { IterationRequest } from './iteration.ts'
import type { LoopPlan } from './loop-plan.ts'
import type { Gate, GateReason } from './gate.ts'
import type { LoopState, TaskState } from './loop-state.ts'
import { currentTask } from './transitions.ts'

export interface LoopSwap {
  /** Names the swap within the run. */
  readonly key: string
  readonly mtId: string
  readonly from: string
  readonly to: string
  readonly reason: 'escalation' | 'drop_back'
}

/** An iteration at a cloud level: another tier, so another job (VAL-046). */
export interface LoopChild {
  /** Names the child run within the run. */
  readonly key: string
  readonly request: IterationRequest
}

export type LoopAction =
  | { readonly kind: 'raise_gate'; readonly reason: GateReason }
  | { readonly kind: 'wait'; readonly gate: Gate }
  | { readonly kind: 'swap'; readonly swap: LoopSwap }
  | { readonly kind: 'iterate'; readonly request: IterationRequest }
  | { readonly kind: 'delegate'; readonly child: LoopChild }
  | { readonly kind: 'end'; readonly status: 'completed' | 'completed_with_issues'; readonly reason: string }

/** What comes next, by the plan and the state alone (MT-007 a to c, MT-010, MT-051). */
export function nextAction(plan: LoopPlan, state: LoopState): LoopAction {
  if (state.gate) return { kind: 'wait', gate: state.gate }
  const definition = plan.definitions[state.current]
  const level = plan.chain[state.rung]
  const task = currentTask(state)
  if (!definition || !level || !task) return endOf(state)
  if (state.pauseRequested) return { kind: 'raise_gate', reason: 'pause_requested' }
  if (plan.policy.pause_points.includes(definition.mt_id) && !state.passed.includes(definition.mt_id)) {
    return { kind: 'raise_gate', reason: 'pause_point' }
  }
  const limit = limitReached(plan, state)
  if (limit) return { kind: 'raise_gate', reason: limit }
  // A cloud model is not loaded here: the local one stays where it is.
  if (!level.is_cloud && level.model_id !== state.loadedModel) {
    return {
      kind: 'swap',
      swap: {
        key: `swap-${state.totals.swaps + 1}`,
        mtId: definition.mt_id,
        from: state.loadedModel,
        to: level.model_id,
        reason: state.swapReason,
      },
    }
  }
  const request = iterationRequest(plan, state, { definition, level, task })
  return level.is_cloud
    ? { kind: 'delegate', child: { key: `child-${state.totals.children + 1}`, request } }
    : { kind: 'iterate', request }
}

function iterationRequest(
  { policy }: LoopPlan,
  { counters, tasks, refusedCalls }: LoopState,
  {
    definition,
    level,
    task,
  }: {
    readonly definition: MicroTaskDefinition
    readonly level: EscalationLevel
    readonly task: TaskState
  },
): IterationRequest {
  const last = task.iterations.at(-1)
  const number = task.iterations.length + 1
  const step = stepId(definition.mt_id, number)
  return {
    definition,
    stepId: step,
    callKey: refusedCalls === 0 ? `${step}/call` : `${step}/call-${refusedCalls + 1}`,
    iteration: counters.attempts + 1,
    maxIterations: policy.max_iterations_per_mt,
    number,
    level: level.level,
    modelId: level.model_id,
    isCloud: level.is_cloud,
    completed: tasks.filter(({ status }) => status === 'completed').length,
    total: tasks.length,
    ...(last && {
      previous: {
        outcome: last.outcome,
        ...(last.error_summary !== undefined && { error: last.error_summary }),
        ...(task.lastOutput !== undefined && { output: task.lastOutput }),
        ...(task.lastBlockingFailed !== undefined && { blockingFailed: task.lastBlockingFailed }),
        ...(task.lastEvidence !== undefined && { evidence: task.lastEvidence }),
      },
    }),
  }
}

function limitReached({ policy, definitions, tokenLimits }: LoopPlan, state: LoopState): GateReason | undefined {
  const { totals, granted } = state
  if (totals.iterations >= policy.max_total_iterations + granted.iterations) return 'max_total_iterations'
  if (totals.activeMs >= policy.max_duration_ms + granted.durationMs) return 'max_duration'
  const task = currentTask(state)
  const budget = definitions[state.current]?.token_budget ?? 0
  if (task && task.tokens >= 10 * budget + task.grantedTokens) return 'token_limit'
  const tokens = totals.tokensPrompt + totals.tokensCompletion
  return tokens >= tokenLimits.gate + granted.tokens ? 'token_limit' : undefined
}

/** All done, or some of it left out or degraded (MT-012). */
function endOf({ tasks, degraded }: LoopState): LoopAction {
  const whole = !degraded && tasks.every(({ status }) => status === 'completed')
  if (whole) return { kind: 'end', status: 'completed', reason: 'every micro-task is done' }
  const reason = degraded ? 'a context was degraded' : 'micro-tasks were skipped'
  return { kind: 'end', status: 'completed_with_issues', reason }
}
