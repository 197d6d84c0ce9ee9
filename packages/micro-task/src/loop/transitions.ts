import type { EscalationRecord, FailureCategory } from '@ctxlock/contracts/micro-task-run'

import { INITIAL_COUNTERS } from '../decision.ts'
import { dropBack } from './drop-back.ts'
import { createGate, type GateReason } from './gate.ts'
import type { LoopEvent } from './loop-event.ts'
import type { LoopPlan } from './loop-plan.ts'
import { withTask, type LoopEnd, type LoopState, type TaskState, type Transition } from './loop-state.ts'
import type { RecordStore } from './settle-iteration.ts'

/** Asks a person before anything else happens (MT-009, MT-010, MT-017). */
export function raiseGate(plan: LoopPlan, state: LoopState, reason: GateReason): Transition {
  const mtId = currentId(plan, state)
  const gates = state.gates + 1
  const isPause = reason === 'pause_point'
  return {
    state: {
      ...state,
      phase: isPause ? 'paused_user_gate' : 'paused_hard_gate',
      gates,
      gate: createGate(gates, reason, mtId),
    },
    events: [
      isPause
        ? {
            mt_id: mtId,
            fr_event_id: 'FR-EVT-MT-007',
            type: 'micro_task_pause_requested',
            payload: { pause_point: mtId },
          }
        : {
            mt_id: mtId,
            fr_event_id: 'FR-EVT-MT-006',
            type: 'micro_task_hard_gate',
            payload: { reason, level: levelOf(plan, state) },
          },
    ],
  }
}

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
        rungBefore: state.rung,
        swapReason: 'escalation',
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

  const category: FailureCategory = task.lastCategory ?? 'unknown'
  const decision = dropBack(
    plan.policy.drop_back_strategy,
    category,
    definition,
    plan.definitions.slice(state.current + 1),
  )
  const climbed = [...task.climbed, rungRecord(plan, state, 'SUCCESS')]
  const escalationRecordRef = store({
    ...escalationRecord(plan, state, climbed, state.lastActivityAt),
    remediation: {
      success_level: level.level,
      success_model_id: level.model_id,
      failure_category: category,
      contributing_factors: task.lastSummary === undefined ? [] : [task.lastSummary],
      drop_back_decision: decision,
    },
  })
  const done = nextTask(withTask(state, { status: 'completed', climbed, escalationRecord: escalationRecordRef }))
  if (decision.action === 'STAY_ESCALATED') return { state: done, events: [complete] }
  return {
    state: {
      ...done,
      rung: 0,
      rungBefore: state.rung,
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

/** The micro-task is left out, and with it everything that depends on it: it would work on what is not there. */
export function skipTask(plan: LoopPlan, state: LoopState, reason: string, requestedBy: string): Transition {
  const skipped = new Set([currentId(plan, state)])
  const events: LoopEvent[] = [skippedEvent(currentId(plan, state), reason, requestedBy)]
  for (const { mt_id, depends_on } of plan.definitions) {
    const missing = depends_on.find((id) => skipped.has(id))
    if (missing === undefined || skipped.has(mt_id)) continue
    skipped.add(mt_id)
    events.push(skippedEvent(mt_id, `it depends on ${missing}, which was skipped`, 'executor'))
  }
  const tasks = state.tasks.map((task, index): TaskState => {
    const id = plan.definitions[index]?.mt_id
    return id !== undefined && skipped.has(id) ? { ...task, status: 'skipped' } : task
  })
  return { state: nextTask({ ...state, tasks }), events }
}

/** The job ends here; nothing of it may be gone on with. */
export function abortLoop(state: LoopState, end: LoopEnd): Transition {
  return {
    state: { ...withTask(state, { status: 'failed' }), phase: 'failed', end },
    events: [
      {
        fr_event_id: 'FR-EVT-MT-010',
        type: 'micro_task_loop_failed',
        payload: { reason: end.reason, ...(end.code !== undefined && { code: end.code }) },
      },
    ],
  }
}

function nextTask(state: LoopState): LoopState {
  const next = state.tasks.findIndex(({ status }, index) => index > state.current && status === 'pending')
  return {
    ...state,
    phase: 'executing_mt',
    current: next === -1 ? state.tasks.length : next,
    counters: INITIAL_COUNTERS,
  }
}

function skippedEvent(mtId: string, reason: string, requestedBy: string): LoopEvent {
  return {
    mt_id: mtId,
    fr_event_id: 'FR-EVT-MT-016',
    type: 'micro_task_skipped',
    payload: { reason, requested_by: requestedBy },
  }
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

export function currentTask({ tasks, current }: LoopState): TaskState | undefined {
  return tasks[current]
}

export function currentId({ definitions }: LoopPlan, { current }: LoopState): string {
  return definitions[current]?.mt_id ?? ''
}

function levelOf({ chain }: LoopPlan, { rung }: LoopState): number {
  return chain[rung]?.level ?? 0
}
