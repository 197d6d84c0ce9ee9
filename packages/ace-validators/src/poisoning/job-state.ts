import { JobState } from '@ctxlock/contracts/primitives'

const ENDS = ['completed', 'completed_with_issues', 'failed', 'cancelled'] as const

/** What may follow. `poisoned` follows every state that has not ended, and only `poisonJob` leads there (VAL-070). */
const NEXT: Readonly<Record<JobState, readonly JobState[]>> = {
  queued: ['running', 'failed', 'cancelled'],
  running: ['stalled', 'awaiting_validation', 'awaiting_user', ...ENDS],
  stalled: ['running', 'failed', 'cancelled'],
  awaiting_validation: ['running', ...ENDS],
  awaiting_user: ['running', 'failed', 'cancelled'],
  completed: [],
  completed_with_issues: [],
  failed: [],
  cancelled: [],
  poisoned: [],
}

/** True for the name of a state, as a database or another process may give it. */
export function isJobState(value: unknown): value is JobState {
  return JobState.options.some((state) => state === value)
}

/** True for a state nothing leads out of: no retry, no resume (VAL-070). */
export function isTerminal(state: JobState): boolean {
  return NEXT[state].length === 0
}

/** True when `to` may follow `from`; nothing but `poisonJob` moves a job to `poisoned`. */
export function canMove(from: JobState, to: JobState): boolean {
  return NEXT[from].includes(to)
}
