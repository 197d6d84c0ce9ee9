import { EngineError, type RunFailure } from '@ctxlock/contracts/engine'

const MAX_MESSAGE = 2000

/** What is kept of an error. Of a failed step it is what the activity threw, not that the step failed. */
export function failureOf(error: unknown): RunFailure {
  if (error instanceof EngineError && error.code === 'STEP_FAILED' && isFailure(error.cause)) return error.cause
  if (!(error instanceof Error)) return { name: 'Error', message: 'something was thrown that is no error' }
  const code: unknown = Reflect.get(error, 'code')
  const message = error.message.slice(0, MAX_MESSAGE).toWellFormed()
  return { name: error.name.toWellFormed(), ...(typeof code === 'string' && { code: code.toWellFormed() }), message }
}

export function isFailure(value: unknown): value is RunFailure {
  if (typeof value !== 'object' || value === null) return false
  const [name, code, message] = ['name', 'code', 'message'].map((key): unknown => Reflect.get(value, key))
  return typeof name === 'string' && typeof message === 'string' && (code === undefined || typeof code === 'string')
}

/** Now, and the same in every replay. */
export function stepFailed(runId: string, key: string, failure: RunFailure): EngineError {
  return new EngineError('STEP_FAILED', `Step ${runId}/${key} failed: ${failure.message}`, { cause: failure })
}
