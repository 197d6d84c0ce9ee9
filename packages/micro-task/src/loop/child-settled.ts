import type { ChildResult } from '@ctxlock/contracts/micro-task-iteration'

import { levelAbove } from './escalation-chain.ts'
import { escalate, exhaustLevels } from './levels.ts'
import type { LoopPlan } from './loop-plan.ts'
import { withTask, type LoopState, type Transition } from './loop-state.ts'
import type { RecordStore } from './record-store.ts'
import { outOfTokens } from './out-of-tokens.ts'
import { abortLoop } from './transitions.ts'

type Refused = Extract<ChildResult, { status: 'refused' }>

/** The state once a child run has ended, however it did: the next one gets a name of its own. */
export function countChild(state: LoopState): LoopState {
  return { ...state, totals: { ...state.totals, children: state.totals.children + 1 } }
}

/**
 * A child run that made no call. No model failed, so no iteration is counted: the level cannot be used, and what follows is what
 * follows an exhausted one (MT-013). Where the parent's tokens cannot bear the child, a person decides.
 */
export function childRefused(plan: LoopPlan, state: LoopState, refused: Refused, store: RecordStore): Transition {
  const { cause, code, reason, at } = refused
  if (cause === 'budget') return outOfTokens(plan, countChild(state), refused)
  const known = withTask(countChild({ ...state, lastActivityAt: at }), { status: 'in_progress', lastSummary: reason })
  switch (levelAbove(plan.chain, state.rung)) {
    case 'model':
      return escalate(plan, known, { reason, at }, store)
    case 'hard_gate':
      return exhaustLevels(plan, known, at, store)
    case 'none':
      return abortLoop(known, { status: 'failed', reason, code })
  }
}
