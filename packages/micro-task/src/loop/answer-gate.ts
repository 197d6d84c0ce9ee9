import type { GateAnswer } from '@ctxlock/contracts/micro-task-iteration'

import { INITIAL_COUNTERS } from '../decision.ts'
import { rungBehindGate } from './escalation-chain.ts'
import type { Gate } from './gate.ts'
import { completeTask, escalate } from './levels.ts'
import type { LoopPlan } from './loop-plan.ts'
import { withTask, type LoopState, type Transition } from './loop-state.ts'
import type { RecordStore } from './record-store.ts'
import { abortLoop, currentTask, skipTask } from './transitions.ts'

/** What a person's decision at a gate leads to. */
export function answerGate(
  plan: LoopPlan,
  waiting: LoopState,
  gate: Gate,
  answer: GateAnswer,
  store: RecordStore,
): Transition {
  const { gate: _, ...open } = waiting
  const next = follow(plan, { ...open, phase: 'executing_mt', lastActivityAt: answer.at }, gate, answer, store)
  return {
    state: next.state,
    events: [
      {
        mt_id: gate.mtId,
        fr_event_id: 'FR-EVT-MT-008',
        type: 'micro_task_resumed',
        payload: { resumed_by: answer.by, decision: answer.decision },
      },
      ...next.events,
    ],
  }
}

function follow(plan: LoopPlan, state: LoopState, gate: Gate, answer: GateAnswer, store: RecordStore): Transition {
  switch (answer.decision) {
    case 'abort':
      return abortLoop(state, { status: 'failed', reason: `aborted at a gate: ${gate.reason}`, code: gate.reason })
    case 'skip':
      return skipTask(plan, state, `skipped at a gate: ${gate.reason}`, answer.by)
    case 'continue':
      return goOn(plan, state, gate, answer, store)
  }
}

/** "Continue" grants as much again of what ran out. */
function goOn(plan: LoopPlan, state: LoopState, gate: Gate, { at }: GateAnswer, store: RecordStore): Transition {
  const { granted } = state
  const again = (change: Partial<LoopState>): Transition => ({ state: { ...state, ...change }, events: [] })
  switch (gate.reason) {
    case 'pause_point':
      return again({ passed: [...state.passed, gate.mtId] })
    case 'pause_requested':
      return { state, events: [] }
    case 'max_total_iterations':
      return again({ granted: { ...granted, iterations: granted.iterations + plan.policy.max_total_iterations } })
    case 'max_duration':
      return again({ granted: { ...granted, durationMs: granted.durationMs + plan.policy.max_duration_ms } })
    case 'token_limit':
      return { state: moreTokens(plan, state), events: [] }
    case 'no_blocking_verification':
      // Nothing could be checked by a command: the person who goes on has accepted the result (MT-042).
      return completeTask(plan, state, store)
    case 'resource_exhausted':
      return again({ counters: INITIAL_COUNTERS })
    case 'escalation_exhausted': {
      const rung = rungBehindGate(plan.chain, state.rung)
      if (rung === state.rung) return again({ counters: INITIAL_COUNTERS })
      return escalate(plan, state, { reason: 'a person agreed at the hard gate', at, rung }, store)
    }
  }
}

function moreTokens(plan: LoopPlan, state: LoopState): LoopState {
  const budget = plan.definitions[state.current]?.token_budget ?? 0
  const task = currentTask(state)
  if (task && task.tokens >= 10 * budget + task.grantedTokens) {
    return withTask(state, { grantedTokens: task.grantedTokens + 10 * budget })
  }
  const { granted } = state
  return { ...state, granted: { ...granted, tokens: granted.tokens + plan.tokenLimits.gate } }
}
