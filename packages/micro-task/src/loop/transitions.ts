import { INITIAL_COUNTERS } from '../decision.ts'
import { createGate, type GateReason } from './gate.ts'
import type { LoopEvent } from './loop-event.ts'
import type { LoopPlan } from './loop-plan.ts'
import { withTask, type LoopEnd, type LoopState, type TaskState, type Transition } from './loop-state.ts'

/** Asks a person before anything else happens (MT-009, MT-010, MT-017). */
export function raiseGate(plan: LoopPlan, state: LoopState, reason: GateReason): Transition {
  const mtId = currentId(plan, state)
  const gates = state.gates + 1
  const isPause = reason === 'pause_point' || reason === 'pause_requested'
  return {
    state: {
      ...state,
      phase: isPause ? 'paused_user_gate' : 'paused_hard_gate',
      gates,
      pauseRequested: false,
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

/** On to the next micro-task that is not settled. */
export function nextTask(state: LoopState): LoopState {
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

export function currentTask({ tasks, current }: LoopState): TaskState | undefined {
  return tasks[current]
}

export function currentId({ definitions }: LoopPlan, { current }: LoopState): string {
  return definitions[current]?.mt_id ?? ''
}

function levelOf({ chain }: LoopPlan, { rung }: LoopState): number {
  return chain[rung]?.level ?? 0
}
