import type { Timers } from '@ctxlock/contracts/ports'

import { SwapFailure } from './swap-failure.ts'

/** The time one sequence of steps has, and the signal each of them is given (SWAP-012). */
export interface Deadline {
  /** Waits for `work`, but not for work that goes on after the deadline. Throws `SwapFailure` `deadline` or `cancelled`. */
  race<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result>
  close(): void
}

/** Begins to count. `cancelled` ends the sequence early. */
export function startDeadline(timers: Timers, milliseconds: number, cancelled?: AbortSignal): Deadline {
  const controller = new AbortController()
  const stopTimer = timers.after(milliseconds, () =>
    controller.abort(new SwapFailure('deadline', `The change of model did not end within ${milliseconds} ms.`)),
  )
  const onCancel = () => controller.abort(new SwapFailure('cancelled', 'The job was cancelled.'))
  if (cancelled?.aborted) onCancel()
  else cancelled?.addEventListener('abort', onCancel, { once: true })
  return {
    race: (work) => endingWith(controller.signal, work),
    close() {
      stopTimer()
      cancelled?.removeEventListener('abort', onCancel)
    },
  }
}

/** What `work` gives, or the reason of the signal as soon as that is aborted: it outweighs what the aborted work throws. */
async function endingWith<Result>(
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    // Work that loses may still fail later; `race` has taken that failure over.
    return await Promise.race([aborted, work(signal)])
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
