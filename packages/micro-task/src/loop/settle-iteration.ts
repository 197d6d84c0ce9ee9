import type { ModelReply, Verdict } from '@ctxlock/contracts/micro-task-iteration'
import type { IterationRecord } from '@ctxlock/contracts/micro-task-run'

import { decide, type Decision } from '../decision.ts'
import { levelAbove } from './escalation-chain.ts'
import type { IterationRequest } from './iteration.ts'
import { iterationEvents, outcomeOf, type FinishedIteration } from './iteration-events.ts'
import { completeTask, escalate, exhaustLevels } from './levels.ts'
import type { LoopPlan } from './loop-plan.ts'
import { withTask, type LoopState, type Transition } from './loop-state.ts'
import type { RecordStore } from './record-store.ts'
import { abortLoop, raiseGate, skipTask } from './transitions.ts'

/** Steps (h) and (i) of an iteration: what is recorded, and what follows by the decision table (MT-007, spec 08 section 4). */
export function settleIteration(
  plan: LoopPlan,
  state: LoopState,
  finished: FinishedIteration,
  store: RecordStore,
): Transition {
  const within = withinTokenLimit(finished)
  const decision = decideNext(plan, state, within)
  const counted = counting(plan, state, within, decision)
  const events = iterationEvents(within, decision)
  const next = follow(plan, counted, within, decision, store)
  return { state: next.state, events: [...events, ...next.events] }
}

/** An iteration that used more than twice its budget has failed, whatever it says (MT-051). */
function withinTokenLimit(finished: FinishedIteration): FinishedIteration {
  const { request, reply, verdict } = finished
  const limit = 2 * request.definition.token_budget
  const used = reply.tokens_prompt + reply.tokens_completion
  if (used <= limit) return finished
  const summary = `the iteration used ${used} tokens; ${limit} are allowed`
  return {
    request,
    reply,
    verdict: { ...verdict, outcome: { kind: 'model_error' }, category: 'context_overflow', summary },
  }
}

function decideNext(plan: LoopPlan, state: LoopState, { request, verdict }: FinishedIteration): Decision {
  const decision = decide(
    {
      counters: state.counters,
      policy: plan.policy,
      retryBudget: request.definition.retry_budget,
      skipRequested: verdict.requested === 'skip',
      elapsedMs: state.totals.activeMs + verdict.duration_ms - state.granted.durationMs,
      nextLevel: levelAbove(plan.chain, state.rung),
    },
    verdict.outcome,
  )
  switch (verdict.demand?.kind) {
    case 'fail_job':
      return { ...decision, action: 'abort' }
    case 'resource_gate':
      return { ...decision, action: 'hard_gate' }
    case undefined:
      return decision
  }
}

function counting(
  plan: LoopPlan,
  state: LoopState,
  { request, reply, verdict }: FinishedIteration,
  decision: Decision,
): LoopState {
  const task = state.tasks[state.current]
  const tokens = reply.tokens_prompt + reply.tokens_completion
  const { totals } = state
  const category = verdict.category ?? task?.lastCategory
  return withTask(
    {
      ...state,
      phase: 'validating',
      counters: decision.counters,
      pauseRequested: verdict.requested === 'pause',
      degraded: state.degraded || (reply.status === 'answered' && reply.degraded),
      lastActivityAt: verdict.completed_at,
      totals: {
        ...totals,
        iterations: totals.iterations + 1,
        tokensPrompt: totals.tokensPrompt + reply.tokens_prompt,
        tokensCompletion: totals.tokensCompletion + reply.tokens_completion,
        activeMs: totals.activeMs + verdict.duration_ms,
      },
    },
    {
      status: 'in_progress',
      iterations: [...(task?.iterations ?? []), iterationRecord(request, reply, verdict, decision)],
      tokens: (task?.tokens ?? 0) + tokens,
      ...(category !== undefined && { lastCategory: category }),
      ...(verdict.summary !== undefined && { lastSummary: verdict.summary }),
      ...(verdict.validation && { lastBlockingFailed: verdict.validation.blocking_failed }),
      lastEvidence: verdict.validation?.passed === false ? verdict.validation.evidence.content_hash : undefined,
      ...(reply.status === 'answered' && { lastOutput: reply.output.content_hash }),
    },
  )
}

function iterationRecord(
  request: IterationRequest,
  reply: ModelReply,
  verdict: Verdict,
  decision: Decision,
): IterationRecord {
  const { validation, summary } = verdict
  return {
    iteration: request.number,
    model_id: reply.model_id ?? request.modelId,
    escalation_level: request.level,
    started_at: reply.started_at,
    completed_at: verdict.completed_at,
    duration_ms: verdict.duration_ms,
    tokens_prompt: reply.tokens_prompt,
    tokens_completion: reply.tokens_completion,
    claimed_complete: verdict.outcome.kind === 'claimed',
    ...(validation && { validation_passed: validation.passed, validation_evidence_ref: validation.evidence }),
    outcome: outcomeOf(decision, verdict),
    ...(summary !== undefined && { error_summary: summary }),
    context_snapshot_id: reply.context_snapshot_id,
  }
}

function follow(
  plan: LoopPlan,
  state: LoopState,
  { request, reply, verdict }: FinishedIteration,
  decision: Decision,
  store: RecordStore,
): Transition {
  switch (decision.action) {
    case 'retry':
      return { state: { ...state, phase: 'executing_mt' }, events: [] }
    case 'complete':
      return completeTask(plan, state, store)
    case 'skip':
      return skipTask(plan, state, 'a person asked to skip it', 'person')
    case 'escalate':
      return escalate(
        plan,
        state,
        { reason: `row ${decision.row} of the decision table`, at: verdict.completed_at },
        store,
      )
    case 'hard_gate':
      if (verdict.demand) return raiseGate(plan, state, 'resource_exhausted')
      return decision.reason === 'no_blocking_verification'
        ? raiseGate(plan, state, 'no_blocking_verification')
        : exhaustLevels(plan, state, verdict.completed_at, store)
    case 'abort':
      return decision.reason === 'duration_exceeded_twice'
        ? abortLoop(state, {
            status: 'poisoned',
            reason: 'the job took more than twice its time',
            code: 'max_duration',
          })
        : abortLoop(state, failure(request, reply, verdict))
  }
}

function failure(request: IterationRequest, reply: ModelReply, verdict: Verdict) {
  const code =
    verdict.demand?.kind === 'fail_job'
      ? verdict.demand.code
      : reply.status === 'failed'
        ? reply.code
        : 'escalation_exhausted'
  return {
    status: 'failed' as const,
    reason: verdict.summary ?? `${request.definition.mt_id} could not be completed`,
    code,
  }
}
