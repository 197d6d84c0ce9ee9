import type { AceError, CallInput, Guard, GuardOutcome } from '@ctxlock/contracts/guards'
import type { Timers } from '@ctxlock/contracts/ports'

import { createPipeline, MANDATORY_GUARDS, type Pipeline } from '../../src/index.ts'

const realTimers: Timers = {
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds)
    return () => clearTimeout(timer)
  },
}

export function pipeline(extra: readonly Guard[] = [], timeoutMs = 5000): Pipeline {
  return createPipeline([...MANDATORY_GUARDS, ...extra], {
    clock: { monotonic: () => performance.now() },
    timers: realTimers,
    timeoutMs,
  })
}

/** What one guard says about a call. */
export function ask({ validateCall }: Guard, input: CallInput): GuardOutcome {
  const answer = validateCall?.(input)
  if (answer === undefined || answer instanceof Promise) throw new Error('The guard answers calls at once.')
  return answer
}

/** `code reason` of every error. */
export function problems({ errors }: { readonly errors: readonly AceError[] }): string[] {
  return errors.map(({ code, details }) =>
    [code, details['reason'] ?? details['field'] ?? details['stage']].filter(Boolean).join(' '),
  )
}
