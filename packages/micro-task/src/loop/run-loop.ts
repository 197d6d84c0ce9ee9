import type { GateAnswer, ModelReply } from '@ctxlock/contracts/micro-task-iteration'

import { answerGate } from './answer-gate.ts'
import { childRefused, countChild } from './child-settled.ts'
import type { IterationRequest } from './iteration.ts'
import { finishLoop, startLoop } from './loop-bounds.ts'
import type { LoopHost } from './loop-host.ts'
import type { Gate } from './gate.ts'
import type { LoopPlan } from './loop-plan.ts'
import { initialState, type LoopState, type Transition } from './loop-state.ts'
import { outOfTokens } from './out-of-tokens.ts'
import { nextAction, type LoopAction, type LoopChild } from './next-action.ts'
import { settleIteration } from './settle-iteration.ts'
import { swapSettled } from './swap-settled.ts'
import { raiseGate } from './transitions.ts'

/**
 * Runs a plan to its end (spec 08 section 3). Everything that could differ comes from the host, so a loop is gone on with by
 * running it again from the start over stored results.
 */
export async function runLoop(plan: LoopPlan, host: LoopHost): Promise<LoopState> {
  let state = initialState(plan, host.startedAt)
  let change = startLoop(plan, state, host.policyHash)
  for (let number = 1; ; number += 1) {
    await host.record(`record-${number}`, change.events, change.state)
    state = change.state
    host.onState(state)
    if (state.end) return state
    change = await perform(plan, host, state, nextAction(plan, state))
  }
}

function perform(
  plan: LoopPlan,
  host: LoopHost,
  state: LoopState,
  action: LoopAction,
): Transition | Promise<Transition> {
  switch (action.kind) {
    case 'raise_gate':
      return raiseGate(plan, state, action.reason)
    case 'wait':
      return wait(plan, host, state, action.gate)
    case 'swap':
      return host.swapModel(action.swap).then((result) => swapSettled(plan, state, action.swap, result, host.store))
    case 'iterate':
      return iterate(plan, host, state, action.request)
    case 'delegate':
      return delegate(plan, host, state, action.child)
    case 'end':
      return finishLoop(state, action.status, action.reason)
  }
}

async function wait(plan: LoopPlan, host: LoopHost, state: LoopState, gate: Gate): Promise<Transition> {
  // Where nobody may be asked, a gate answers itself (MT-009).
  const answer: GateAnswer = plan.locked
    ? { decision: 'abort', by: 'policy', at: state.lastActivityAt }
    : await host.answer(gate)
  return answerGate(plan, state, gate, answer, host.store)
}

async function iterate(
  plan: LoopPlan,
  host: LoopHost,
  state: LoopState,
  request: IterationRequest,
): Promise<Transition> {
  const reply = await host.callModel(request)
  if (reply.status === 'refused') return outOfTokens(plan, { ...state, refusedCalls: state.refusedCalls + 1 }, reply)
  return settle(plan, host, state, request, reply)
}

async function delegate(plan: LoopPlan, host: LoopHost, state: LoopState, child: LoopChild): Promise<Transition> {
  const result = await host.runChild(child)
  if (result.status === 'refused') return childRefused(plan, state, result, host.store)
  return settle(plan, host, countChild(state), child.request, result.reply)
}

async function settle(
  plan: LoopPlan,
  host: LoopHost,
  state: LoopState,
  request: IterationRequest,
  reply: ModelReply,
): Promise<Transition> {
  const verdict = await host.check(request, reply)
  return settleIteration(plan, state, { request, reply, verdict }, host.store)
}
