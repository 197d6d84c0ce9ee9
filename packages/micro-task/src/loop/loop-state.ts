import type {
  EscalationRecord,
  ExecutionPhase,
  FailureCategory,
  IterationRecord,
} from '@ctxlock/contracts/micro-task-run'
import type { ArtifactHandle } from '@ctxlock/contracts/references'

import { INITIAL_COUNTERS, type Counters } from '../decision.ts'
import type { Gate } from './gate.ts'
import type { LoopEvent } from './loop-event.ts'
import type { LoopPlan } from './loop-plan.ts'

export interface TaskState {
  readonly status: 'pending' | 'in_progress' | 'completed' | 'failed' | 'skipped'
  readonly iterations: readonly IterationRecord[]
  readonly tokens: number
  /** What a person granted beyond the limit of the micro-task. */
  readonly grantedTokens: number
  /** Levels left behind and the one that succeeded; empty while nothing escalated. */
  readonly climbed: EscalationRecord['escalation_chain']
  readonly escalationRecord?: ArtifactHandle
  readonly lastCategory?: FailureCategory
  readonly lastSummary?: string
  /** The last answer, for the next prompt. */
  readonly lastOutput?: string
  readonly lastBlockingFailed?: readonly number[]
  /** Hash of what the checks of the last iteration left behind, where they failed. */
  readonly lastEvidence?: string | undefined
}

/** Everything the loop knows. Follows from the plan and the results so far, and from nothing else: no clock, no chance. */
export interface LoopState {
  readonly phase: ExecutionPhase
  readonly tasks: readonly TaskState[]
  /** Index of the micro-task under way. */
  readonly current: number
  /** Index in the permitted chain. */
  readonly rung: number
  /** The model that is loaded; differs from that of the rung while a swap is due (MT-029). */
  readonly loadedModel: string
  readonly swapReason: 'escalation' | 'drop_back'
  /** Where the rung stood before the swap that is due. */
  readonly rungBefore: number
  /** The micro-task that led to the level the loop is at, and why its level below failed (MT-024). */
  readonly escalated?: { readonly index: number; readonly category: FailureCategory }
  readonly counters: Counters
  readonly totals: {
    readonly iterations: number
    readonly escalations: number
    readonly dropBacks: number
    readonly swaps: number
    /** Child runs that ended, whether or not they made their call. */
    readonly children: number
    readonly tokensPrompt: number
    readonly tokensCompletion: number
    /** Of work only: neither waiting for a person nor a process that was gone counts (decisions/0035). */
    readonly activeMs: number
  }
  /** What people granted beyond the limits of the job. */
  readonly granted: { readonly iterations: number; readonly durationMs: number; readonly tokens: number }
  /** Calls that the run had too few tokens for. */
  readonly refusedCalls: number
  readonly gates: number
  readonly gate?: Gate
  /** Micro-tasks whose pause point was answered. */
  readonly passed: readonly string[]
  /** A person asked to wait before the next iteration. */
  readonly pauseRequested: boolean
  readonly degraded: boolean
  readonly startedAt: string
  readonly lastActivityAt: string
  readonly end?: LoopEnd
}

export interface LoopEnd {
  readonly status: 'completed' | 'completed_with_issues' | 'failed' | 'cancelled' | 'poisoned'
  readonly reason: string
  readonly code?: string
}

export interface Transition {
  readonly state: LoopState
  /** On record before the state holds. */
  readonly events: readonly LoopEvent[]
}

const NEW_TASK: TaskState = {
  status: 'pending',
  iterations: [],
  tokens: 0,
  grantedTokens: 0,
  climbed: [],
}

/** The state before anything happened. `startedAt` is a canonical timestamp. */
export function initialState({ definitions, chain }: LoopPlan, startedAt: string): LoopState {
  return {
    phase: 'initializing',
    tasks: definitions.map(() => NEW_TASK),
    current: 0,
    rung: 0,
    loadedModel: chain[0]?.model_id ?? '',
    swapReason: 'escalation',
    rungBefore: 0,
    counters: INITIAL_COUNTERS,
    totals: {
      iterations: 0,
      escalations: 0,
      dropBacks: 0,
      swaps: 0,
      children: 0,
      tokensPrompt: 0,
      tokensCompletion: 0,
      activeMs: 0,
    },
    granted: { iterations: 0, durationMs: 0, tokens: 0 },
    refusedCalls: 0,
    gates: 0,
    passed: [],
    pauseRequested: false,
    degraded: false,
    startedAt,
    lastActivityAt: startedAt,
  }
}

/** The state with the current micro-task changed. */
export function withTask(state: LoopState, change: Partial<TaskState>): LoopState {
  const tasks = state.tasks.map((task, index) => (index === state.current ? { ...task, ...change } : task))
  return { ...state, tasks }
}
