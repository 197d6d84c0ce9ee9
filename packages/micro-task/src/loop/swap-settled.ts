import type { SwapResult } from '@ctxlock/contracts/micro-task-iteration'

import { INITIAL_COUNTERS } from '../decision.ts'
import type { LoopSwap } from './next-action.ts'
import type { LoopState, Transition } from './loop-state.ts'
import { abortLoop } from './transitions.ts'

/** What a finished swap means for the loop. A swap that was taken back is no escalation: the level is the earlier one again. */
export function swapSettled(state: LoopState, swap: LoopSwap, result: SwapResult): Transition {
  const counted: LoopState = { ...state, totals: { ...state.totals, swaps: state.totals.swaps + 1 } }
  switch (result.status) {
    case 'completed':
      return { state: { ...counted, phase: 'executing_mt', loadedModel: swap.to }, events: [] }
    case 'kept_current':
      return { state: keptCurrent(counted), events: [] }
    case 'failed':
      return abortLoop(counted, { status: 'failed', reason: result.reason, code: result.code })
  }
}

function keptCurrent(state: LoopState): LoopState {
  const { totals, swapReason } = state
  return {
    ...state,
    phase: 'executing_mt',
    rung: state.rungBefore,
    counters: INITIAL_COUNTERS,
    totals: {
      ...totals,
      escalations: totals.escalations - (swapReason === 'escalation' ? 1 : 0),
      dropBacks: totals.dropBacks - (swapReason === 'drop_back' ? 1 : 0),
    },
  }
}
