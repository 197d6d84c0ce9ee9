import type { AttemptOutcome } from '@ctxlock/contracts/micro-task-iteration'
import type { ExecutionPolicy } from '@ctxlock/contracts/micro-task-run'

/** Per micro-task and level (MT-014); `attempts` restarts on a new level (MT-016). */
export interface Counters {
  readonly attempts: number
  readonly consecutiveFailures: number
  readonly consecutiveFalseCompletions: number
}

export const INITIAL_COUNTERS: Counters = { attempts: 0, consecutiveFailures: 0, consecutiveFalseCompletions: 0 }

export interface DecisionState {
  readonly counters: Counters
  readonly policy: Pick<ExecutionPolicy, 'max_iterations_per_mt' | 'max_duration_ms'>
  readonly retryBudget: number
  readonly skipRequested: boolean
  /** Milliseconds since the job started. */
  readonly elapsedMs: number
  /** What the escalation chain permits next: another model, a human, or nothing (MT-013, MT-028). */
  readonly nextLevel: 'model' | 'hard_gate' | 'none'
}

export interface Decision {
  readonly action: 'complete' | 'retry' | 'escalate' | 'skip' | 'abort' | 'hard_gate'
  /** Row of the table in spec 08 section 4; 0 for the gate of MT-042, which stands before it. */
  readonly row: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
  /** Why the job stops or waits; absent when it goes on. */
  readonly reason?: 'duration_exceeded_twice' | 'escalation_exhausted' | 'no_blocking_verification'
  /** The counters to keep for the next attempt. */
  readonly counters: Counters
}

/** Reasons a model may give that another attempt can mend (MT-015). Everything else is final. */
export const RECOVERABLE_BLOCK_REASONS: ReadonlySet<string> = new Set([
  'missing_file_in_scope',
  'clarification_available',
  'transient_tool_error',
])

interface Facts {
  readonly validated: boolean
  readonly falseCompletion: boolean
  readonly failed: boolean
  /** Another attempt at this level cannot mend it. */
  readonly blockedForGood: boolean
  /** Counters with this attempt counted. */
  readonly counters: Counters
  readonly state: DecisionState
}

interface Row {
  readonly row: Decision['row']
  readonly applies: (facts: Facts) => boolean
  readonly result: 'complete' | 'skip' | 'poison' | 'escalate' | 'retry'
}

/** The table of spec 08 section 4, in order of priority; the first row that applies decides. */
const TABLE: readonly Row[] = [
  { row: 1, result: 'complete', applies: ({ validated }) => validated },
  { row: 2, result: 'skip', applies: ({ state }) => state.skipRequested },
  { row: 3, result: 'poison', applies: ({ state }) => state.elapsedMs > 2 * state.policy.max_duration_ms },
  { row: 4, result: 'escalate', applies: ({ counters }) => counters.consecutiveFailures >= 2 },
  {
    row: 5,
    result: 'escalate',
    applies: ({ counters, failed, state: { policy, retryBudget } }) =>
      counters.attempts >= policy.max_iterations_per_mt || (failed && counters.attempts >= retryBudget + 1),
  },
  {
    row: 6,
    result: 'escalate',
    applies: ({ falseCompletion, counters }) => falseCompletion && counters.consecutiveFalseCompletions >= 2,
  },
  { row: 7, result: 'retry', applies: ({ falseCompletion }) => falseCompletion },
  { row: 8, result: 'escalate', applies: ({ blockedForGood }) => blockedForGood },
  { row: 9, result: 'retry', applies: () => true },
]

/**
 * Decides what follows an attempt (spec 08 section 4, MT-013 to MT-016, MT-042). Pure and total: the same state and
 * outcome give the same decision, and nothing is complete unless a blocking check passed.
 */
export function decide(state: DecisionState, outcome: AttemptOutcome): Decision {
  const facts = judge(state, outcome)
  if (outcome.kind === 'claimed' && outcome.validation_passed && outcome.blocking_checks < 1) {
    return { action: 'hard_gate', row: 0, reason: 'no_blocking_verification', counters: facts.counters }
  }
  // The last row always applies.
  const { row, result } = TABLE.find(({ applies }) => applies(facts)) ?? { row: 9, result: 'retry' }
  switch (result) {
    case 'complete':
    case 'skip':
      return { action: result, row, counters: INITIAL_COUNTERS }
    case 'poison':
      return { action: 'abort', row, reason: 'duration_exceeded_twice', counters: facts.counters }
    case 'retry':
      return { action: 'retry', row, counters: facts.counters }
    case 'escalate':
      return escalate(state, row, facts.counters)
  }
}

function judge(state: DecisionState, outcome: AttemptOutcome): Facts {
  const claimed = outcome.kind === 'claimed'
  const validated = claimed && outcome.validation_passed && outcome.blocking_checks > 0
  const falseCompletion = claimed && !outcome.validation_passed
  const blockedForGood =
    outcome.kind === 'validation_error' ||
    (outcome.kind === 'blocked' && !RECOVERABLE_BLOCK_REASONS.has(outcome.reason))
  const broken = ['malformed_signal', 'model_error', 'scope_violation'].includes(outcome.kind)
  const failed = falseCompletion || blockedForGood || broken
  const { attempts, consecutiveFailures, consecutiveFalseCompletions } = state.counters
  const counters: Counters = {
    attempts: attempts + 1,
    // An iteration that is no failure interrupts the failures, or a retry budget above 1 would mean nothing (decision 1).
    consecutiveFailures: failed ? consecutiveFailures + 1 : 0,
    // An iteration without a claim says nothing about claims: only success and a new level reset this one (MT-014).
    consecutiveFalseCompletions: consecutiveFalseCompletions + (falseCompletion ? 1 : 0),
  }
  return { validated, falseCompletion, failed, blockedForGood, counters, state }
}

function escalate(state: DecisionState, row: Decision['row'], counters: Counters): Decision {
  if (state.nextLevel === 'model') return { action: 'escalate', row, counters: INITIAL_COUNTERS }
  const action = state.nextLevel === 'hard_gate' ? 'hard_gate' : 'abort'
  return { action, row, reason: 'escalation_exhausted', counters }
}
