import type { LoopPlan } from './loop-plan.ts'
import { withTask, type LoopState, type Transition } from './loop-state.ts'
import { raiseGate } from './transitions.ts'

/**
 * What the run has left cannot bear a call: a person decides, and going on grants more (spec 08 section 11). No model was asked, so no
 * iteration is counted.
 */
export function outOfTokens(
  plan: LoopPlan,
  state: LoopState,
  { reason, at }: { readonly reason: string; readonly at: string },
): Transition {
  const known = withTask({ ...state, lastActivityAt: at }, { status: 'in_progress', lastSummary: reason })
  return raiseGate(plan, known, 'token_limit')
}
