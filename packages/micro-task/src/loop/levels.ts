import type { EscalationRecord } from '@ctxlock/contracts/micro-task-run'

import { INITIAL_COUNTERS } from '../decision.ts'
import { dropBack, type DropBack } from './drop-back.ts'
import type { LoopEvent } from './loop-event.ts'
import type { LoopPlan } from './loop-plan.ts'
import { withTask, type LoopState, type TaskState, type Transition } from './loop-state.ts'
import type { RecordStore } from './record-store.ts'
import { currentId, currentTask, nextTask, raiseGate } from './transitions.ts'

/** The next level of the chain, with its own counters (MT-016); a change of model is left to a swap (MT-029). */
export function escalate(
  plan: LoopPlan,
  state: LoopState,
  why: { readonly reason: string; readonly at: string; readonly rung?: number },
  store: RecordStore,
): Transition {
  const task = currentTask(state)
  const rung = why.rung ?? state.rung + 1
  const [from, to] = [plan.chain[state.rung], plan.chain[rung]]
  if (!task || !from || !to) return { state, events: [] }
  const climbed = [...task.climbed, rungRecord(plan, state, 'ESCALATE')]
  const record = store(escalationRecord(plan, state, climbed, why.at))
  return {
    state: withTask(
      {
        ...state,
        phase: 'escalating',
        rung,
        rungBefore: loadedRung(plan, state),
        swapReason: 'escalation',
        escalated: { index: state.current, category: task.lastCategory ?? 'unknown' },
        counters: INITIAL_COUNTERS,
        totals: { ...state.totals, escalations: state.totals.escalations + 1 },
      },
      { climbed, escalationRecord: record },
    ),
    events: [
      {
        mt_id: currentId(plan, state),
        fr_event_id: 'FR-EVT-MT-005',
        type: 'micro_task_escalated',
        payload: {
          from_model: from.model_id,
          from_level: from.level,
          to_model: to.model_id,
          to_level: to.level,
          reason: why.reason,
          failure_category: task.lastCategory ?? 'unknown',
          iterations_at_previous_level: iterationsAt(task, from.level),
          escalation_record_ref: record.content_hash,
        },
      },
    ],
  }
}

/** No level below a person is left: the record of the way up ends at the gate (MT-013, MT-030). */
export function exhaustLevels(plan: LoopPlan, state: LoopState, at: string, store: RecordStore): Transition {
  const climbed = [...(currentTask(state)?.climbed ?? []), rungRecord(plan, state, 'HARD_GATE')]
  const record = store(escalationRecord(plan, state, climbed, at))
  return raiseGate(plan, withTask(state, { escalationRecord: record }), 'escalation_exhausted')
}

/** The micro-task is done; after a success further up the chain the level may drop back (MT-024). */
export function completeTask(plan: LoopPlan, state: LoopState, store: RecordStore): Transition {
  const task = currentTask(state)
  const definition = plan.definitions[state.current]
  const level = plan.chain[state.rung]
  const first = plan.chain[0]
  if (!task || !definition || !level || !first) return { state, events: [] }
  const complete: LoopEvent = {
    mt_id: definition.mt_id,
    fr_event_id: 'FR-EVT-MT-004',
    type: 'micro_task_complete',
    payload: { iterations: task.iterations.length, final_level: level.level },
  }
  if (state.rung === 0) return { state: nextTask(withTask(state, { status: 'completed' })), events: [complete] }

  const decision = dropBackAfter(plan, state)
  const done = nextTask(withTask(state, { status: 'completed', ...remedied(plan, state, decision, store) }))
  if (decision.action === 'STAY_ESCALATED') return { state: done, events: [complete] }
  return {
    state: {
      ...done,
      rung: 0,
      rungBefore: loadedRung(plan, state),
      swapReason: 'drop_back',
      totals: { ...done.totals, dropBacks: done.totals.dropBacks + 1 },
    },
    events: [
      complete,
      {
        mt_id: definition.mt_id,
        fr_event_id: 'FR-EVT-MT-014',
        type: 'micro_task_drop_back',
        payload: {
          from_level: level.level,
          to_level: first.level,
          from_model: level.model_id,
          to_model: first.model_id,
          reason: decision.reason,
          confidence: decision.confidence,
        },
      },
    ],
  }
}

/** The highest level so far whose model is loaded: a cloud level loads none. */
function loadedRung({ chain }: LoopPlan, { rung, loadedModel }: LoopState): number {
  return chain.findLastIndex(({ model_id }, index) => index <= rung && model_id === loadedModel)
}

/** Judged by what led here: a later success at the same level does not make what failed below less likely. */
function dropBackAfter({ policy, definitions }: LoopPlan, { escalated, current }: LoopState): DropBack {
  const origin = definitions[escalated?.index ?? current]
  if (!origin) throw new TypeError('a level above the first was reached by a micro-task of the plan')
  return dropBack(policy.drop_back_strategy, escalated?.category ?? 'unknown', origin, definitions.slice(current + 1))
}

/** The escalation record of a micro-task that climbed itself, with what its success led to (MT-030). */
function remedied(plan: LoopPlan, state: LoopState, decision: DropBack, store: RecordStore): Partial<TaskState> {
  const task = currentTask(state)
  const level = plan.chain[state.rung]
  if (!task || !level || task.climbed.length === 0) return {}
  const climbed = [...task.climbed, rungRecord(plan, state, 'SUCCESS')]
  const record = store({
    ...escalationRecord(plan, state, climbed, state.lastActivityAt),
    remediation: {
      success_level: level.level,
      success_model_id: level.model_id,
      failure_category: state.escalated?.category ?? 'unknown',
      contributing_factors: task.lastSummary === undefined ? [] : [task.lastSummary],
      drop_back_decision: decision,
    },
  })
  return { climbed, escalationRecord: record }
}

function rungRecord(
  plan: LoopPlan,
  state: LoopState,
  outcome: 'ESCALATE' | 'SUCCESS' | 'HARD_GATE',
): EscalationRecord['escalation_chain'][number] {
  const task = currentTask(state)
  const level = plan.chain[state.rung]
  const here = task?.iterations.filter(({ escalation_level }) => escalation_level === level?.level) ?? []
  return {
    level: level?.level ?? 0,
    model_id: level?.model_id ?? '',
    iterations: here.length,
    ...(outcome !== 'SUCCESS' && task?.lastCategory !== undefined && { failure_pattern: task.lastCategory }),
    ...(outcome !== 'SUCCESS' && task?.lastSummary !== undefined && { last_error: task.lastSummary }),
    tokens_used: here.reduce((sum, { tokens_prompt, tokens_completion }) => sum + tokens_prompt + tokens_completion, 0),
    outcome,
  }
}

function escalationRecord(
  plan: LoopPlan,
  state: LoopState,
  climbed: EscalationRecord['escalation_chain'],
  at: string,
): EscalationRecord {
  return { mt_id: currentId(plan, state), wp_id: plan.wpId, created_at: at, escalation_chain: climbed }
}

function iterationsAt({ iterations }: TaskState, level: number): number {
  return iterations.filter(({ escalation_level }) => escalation_level === level).length
}
