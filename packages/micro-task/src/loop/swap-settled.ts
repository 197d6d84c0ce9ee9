import type { SwapResult } from '@ctxlock/contracts/micro-task-iteration'

import { INITIAL_COUNTERS } from '../decision.ts'
import { escalate } from './levels.ts'
import type { LoopPlan } from './loop-plan.ts'
import type { LoopSwap } from './next-action.ts'
import type { LoopState, Transition } from './loop-state.ts'
import type { RecordStore } from './record-store.ts'
import { abortLoop } from './transitions.ts'

type FailedSwap = Extract<SwapResult, { status: 'failed' }>

/** What a finished swap means for the loop. A swap that was taken back is no escalation: the level is the earlier one again. */
export function swapSettled(
  plan: LoopPlan,
  state: LoopState,
  swap: LoopSwap,
  result: SwapResult,
  store: RecordStore,
): Transition {
  const counted: LoopState = { ...state, totals: { ...state.totals, swaps: state.totals.swaps + 1 } }
  switch (result.status) {
    case 'completed':
      return { state: { ...counted, phase: 'executing_mt', loadedModel: swap.to }, events: [] }
    case 'kept_current':
      return { state: keptCurrent(counted), events: [] }
    case 'failed':
      return failed(plan, counted, result, store)
  }
}

/** To the cloud level of the chain, whose child run begins with asking a person (SWAP-022); without one the job ends. */
function failed(plan: LoopPlan, state: LoopState, result: FailedSwap, store: RecordStore): Transition {
  const { code, reason } = result
  const rung = plan.chain.findIndex(({ is_cloud }) => is_cloud)
  if (result.escalate_to_cloud !== true || rung === -1) return abortLoop(state, { status: 'failed', reason, code })
  return escalate(plan, state, { reason, at: state.lastActivityAt, rung }, store)
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
