import type { CompletionSignal } from '@ctxlock/contracts/micro-task'
import type { AttemptOutcome, Judgement } from '@ctxlock/contracts/micro-task-iteration'

/** What follows from the signal alone; undefined when it claims something or is still working. */
export function brokenSignal(signal: CompletionSignal): Judgement | undefined {
  if (signal.kind === 'malformed') {
    const outcome: AttemptOutcome = { kind: 'malformed_signal' }
    return { outcome, summary: `the completion block is malformed: ${signal.problem.replaceAll('_', ' ')}` }
  }
  if (signal.kind !== 'blocked') return undefined
  const { reason, need } = signal
  return {
    outcome: { kind: 'blocked', reason },
    blocked: { reason, need },
    summary: 'the model says that it is blocked',
  }
}
