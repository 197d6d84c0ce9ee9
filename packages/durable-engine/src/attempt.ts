import { EngineError, type Activity, type ActivityScope } from '@ctxlock/contracts/engine'
import type { Timers } from '@ctxlock/contracts/ports'

import { fromStoredJson, toStoredJson, type StoredJson } from './stored-json.ts'

export interface AttemptOptions {
  readonly scope: Omit<ActivityScope, 'signal'>
  readonly input: StoredJson
  readonly timeoutMs: number | undefined
  readonly timers: Timers
  /** The life of the run in this process. */
  readonly life: AbortSignal
}

export interface Attempt {
  readonly result: StoredJson
  readonly scope: ActivityScope
}

/**
 * Runs an activity once. It is over at the end of its time or of the run's life, also when the activity does not listen: what that
 * gives later is dropped. Throws what the activity throws, `NOT_JSON`, `TOO_LARGE` and `STEP_TIMEOUT`.
 */
export async function attempt(
  activity: Activity,
  { scope, input, timeoutMs, timers, life }: AttemptOptions,
): Promise<Attempt> {
  const controller = new AbortController()
  const { promise: over, reject } = Promise.withResolvers<never>()
  const stop = (reason: unknown) => {
    controller.abort(reason)
    reject(reason)
  }
  const onEnd = () => stop(life.reason)
  life.addEventListener('abort', onEnd, { once: true })
  const cancelTimeout =
    timeoutMs === undefined ? undefined : timers.after(timeoutMs, () => stop(timedOut(scope.idempotencyKey, timeoutMs)))
  const full = { ...scope, signal: controller.signal }
  // A copy, so that the activity cannot change what a later replay would compare with.
  const working = (async () => activity.run(fromStoredJson(input.text, 'input'), full))()
  try {
    const value = await Promise.race([working, over])
    return { result: toStoredJson(value, `the result of step ${scope.idempotencyKey}`), scope: full }
  } finally {
    cancelTimeout?.()
    life.removeEventListener('abort', onEnd)
    working.catch(() => undefined)
  }
}

function timedOut(step: string, timeoutMs: number): EngineError {
  return new EngineError('STEP_TIMEOUT', `Expected step ${step} to end within ${timeoutMs} ms. Give it more time.`)
}
