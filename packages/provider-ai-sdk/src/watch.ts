import type { EgressRequest } from '@ctxlock/contracts/plugin'
import type { Timers } from '@ctxlock/contracts/ports'
import { ProviderError } from '@ctxlock/contracts/provider'

const DEFAULT_TOTAL_MS = 120_000

/** The caller's abort and the total time as one signal, whose reason is the error to report. */
export interface Watch {
  readonly signal: AbortSignal
  /** The value, or the signal's reason as soon as there is one: a model need not heed its abort signal. */
  orAborted<T>(value: PromiseLike<T>): Promise<T>
  /** Leaves no timer and no listener behind. */
  release(): void
}

export function startWatch({ signal, timeouts }: EgressRequest, timers: Timers): Watch {
  const controller = new AbortController()
  const limitMs = timeouts?.total_ms ?? DEFAULT_TOTAL_MS
  const cancelTimer = timers.after(limitMs, () => {
    const message = `The model took longer than ${limitMs} ms (total).`
    controller.abort(new ProviderError('timeout', message, { phase: 'total', retryable: false }))
  })
  const onAbort = (): void => controller.abort(new ProviderError('aborted', 'The call was cancelled.'))
  signal?.addEventListener('abort', onAbort, { once: true })
  return {
    signal: controller.signal,
    orAborted: (value) =>
      new Promise((resolve, reject) => {
        const abort = (): void => reject(controller.signal.reason)
        if (controller.signal.aborted) abort()
        controller.signal.addEventListener('abort', abort, { once: true })
        const settle =
          <Outcome>(give: (outcome: Outcome) => void) =>
          (outcome: Outcome): void => {
            controller.signal.removeEventListener('abort', abort)
            give(outcome)
          }
        value.then(settle(resolve), settle(reject))
      }),
    release() {
      cancelTimer()
      signal?.removeEventListener('abort', onAbort)
    },
  }
}
