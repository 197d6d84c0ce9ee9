import type { ChildResult } from '@ctxlock/contracts/micro-task-iteration'

import { levelAbove } from './escalation-chain.ts'
import { escalate, exhaustLevels } from './levels.ts'
import type { LoopPlan } from './loop-plan.ts'
import { withTask, type LoopState, type Transition } from './loop-state.ts'
import type { RecordStore } from './record-store.ts'
import { abortLoop, raiseGate } from './transitions.ts'

type Refused = Extract<ChildResult, { status: 'refused' }>

/** The state once a child run has ended, however it did: the next one gets a name of its own. */
export function countChild(state: LoopState): LoopState {
  return { ...state, totals: { ...state.totals, children: state.totals.children + 1 } }
}

/**
 * A child run that made no call. No model failed, so no iteration is counted: the level cannot be used, and what follows is what
 * follows an exhausted one (MT-013). A budget that cannot bear the child is an exhausted resource (spec 08 section 4).
 */
export function childRefused(
  plan: LoopPlan,
  state: LoopState,
  { cause, code, reason, at }: Refused,
  store: RecordStore,
): Transition {
  const known = withTask(countChild({ ...state, lastActivityAt: at }), { status: 'in_progress', lastSummary: reason })
  if (cause === 'budget') return raiseGate(plan, known, 'resource_exhausted')
  switch (levelAbove(plan.chain, state.rung)) {
    case 'model':
      return escalate(plan, known, { reason, at }, store)
    case 'hard_gate':
      return exhaustLevels(plan, known, at, store)
    case 'none':
      return abortLoop(known, { status: 'failed', reason, code })
  }
}
