import type { RandomSource, Timers } from '@ctxlock/contracts/ports'
import { ProviderError } from '@ctxlock/contracts/provider'
import type { RetryNotice } from '@ctxlock/contracts/provider'

export interface RetryLimits {
  readonly maxRetries: number
  readonly maxRetryAfterMs: number
}

export interface RetryContext {
  readonly timers: Timers
  readonly random: RandomSource
  readonly signal?: AbortSignal | undefined
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined
}

export const DEFAULT_RETRY_LIMITS: RetryLimits = { maxRetries: 2, maxRetryAfterMs: 60_000 }

const BASE_DELAY_MS = 500
const MAX_DELAY_MS = 8000

/**
 * Runs one call until it succeeds or may not be repeated. A run says through `mayRepeat` whether the caller has seen any
 * part of the answer: nothing is sent again after that. A server's Retry-After is a floor; above the limit the error
 * comes back at once, not retryable. Waits are full jitter otherwise. An abort ends every wait.
 */
export async function withRetries<T>(
  limits: RetryLimits,
  context: RetryContext,
  run: (attempt: number) => Promise<T>,
  mayRepeat: () => boolean = () => true,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    if (context.signal?.aborted) throw aborted(attempt - 1)
    try {
      return await run(attempt)
    } catch (thrown) {
      if (!(thrown instanceof ProviderError)) throw thrown
      const tooLong = (thrown.retryAfterMs ?? 0) > limits.maxRetryAfterMs
      // An error that counts no attempt was raised before its request left.
      const attempts = thrown.attempts === 0 ? attempt - 1 : attempt
      const error = thrown.with({ attempts, ...(tooLong ? { retryable: false } : {}) })
      if (!error.retryable || attempt > limits.maxRetries || !mayRepeat()) throw error
      const waitMs = delay(attempt, error.retryAfterMs, context.random)
      context.onRetry?.({ attempt, code: error.code, waitMs })
      await wait(waitMs, attempt, context)
    }
  }
}

function delay(attempt: number, retryAfterMs: number | undefined, random: RandomSource): number {
  if (retryAfterMs !== undefined) return Math.ceil(retryAfterMs * (1 + 0.2 * random.fraction()))
  return Math.max(1, Math.ceil(random.fraction() * Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** (attempt - 1))))
}

/** Waits, or throws `aborted` as soon as the signal does. Leaves no timer and no listener behind. */
export function wait(
  milliseconds: number,
  attempts: number,
  { timers, signal }: Pick<RetryContext, 'timers' | 'signal'>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(aborted(attempts))
      return
    }
    const onAbort = (): void => {
      cancel()
      reject(aborted(attempts))
    }
    const cancel = timers.after(milliseconds, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

function aborted(attempts: number): ProviderError {
  return new ProviderError('aborted', 'The call was cancelled.', { attempts })
}
