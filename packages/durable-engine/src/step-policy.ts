import { EngineError, type RetryPolicy, type StepOptions } from '@ctxlock/contracts/engine'

const ONE_ATTEMPT: RetryPolicy = { maxAttempts: 1, initialMs: 1000, factor: 2, maxMs: 60_000 }
/** What Node's timers can hold; longer times belong to `sleep`. */
const MAX_TIMEOUT = 2 ** 31 - 1

/** Throws `OPTION_INVALID`. */
export function stepPolicy({ key, retry, timeoutMs }: StepOptions): RetryPolicy {
  const policy = { ...ONE_ATTEMPT, ...retry }
  const { maxAttempts, initialMs, factor, maxMs } = policy
  if (!Number.isSafeInteger(maxAttempts) || maxAttempts < 1) throw invalid(key, 'maxAttempts', 'a whole number from 1')
  if (!isDuration(initialMs)) throw invalid(key, 'initialMs', 'milliseconds from 0')
  if (!isDuration(maxMs)) throw invalid(key, 'maxMs', 'milliseconds from 0')
  if (!Number.isFinite(factor) || factor < 1) throw invalid(key, 'factor', 'a number from 1')
  if (timeoutMs !== undefined && !(timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT))
    throw invalid(key, 'timeoutMs', `milliseconds from 1 to ${MAX_TIMEOUT}`)
  return policy
}

/** Milliseconds to wait after this attempt; between half of the policy's and all of it, so that many do not come back at once. */
export function delayAfter({ initialMs, factor, maxMs }: RetryPolicy, attempt: number, fraction: number): number {
  return Math.round(Math.min(maxMs, initialMs * factor ** (attempt - 1)) * (1 - fraction / 2))
}

/** An error can say that trying again is of no use. */
export function isRetryable(error: unknown): boolean {
  return !(error instanceof Error && Reflect.get(error, 'retryable') === false)
}

export function isDuration(milliseconds: number): boolean {
  return Number.isFinite(milliseconds) && milliseconds >= 0
}

function invalid(key: string, option: string, expected: string): EngineError {
  return new EngineError('OPTION_INVALID', `Expected ${option} of step ${key} to be ${expected}.`)
}
