import { AssertionError } from 'node:assert'
import { inspect } from 'node:util'

import { ProviderError } from '@ctxlock/contracts/provider'

/** The ProviderError a promise fails with. Anything else fails the case. */
export async function providerErrorOf(outcome: Promise<unknown> | (() => unknown)): Promise<ProviderError> {
  let value: unknown
  try {
    value = await (typeof outcome === 'function' ? outcome() : outcome)
  } catch (error) {
    if (error instanceof ProviderError) return error
    throw new AssertionError({
      message: `expected a ProviderError, got ${error instanceof Error ? error.name : typeof error}`,
    })
  }
  throw new AssertionError({ message: `expected a ProviderError, got a result of type ${typeof value}` })
}

/** Every form in which an error could reach a log: message, stack, JSON, inspect, and those of its causes. */
export function everyForm(error: unknown): string {
  const forms: string[] = []
  for (let cause = error, depth = 0; cause instanceof Error && depth < 20; cause = cause.cause, depth += 1) {
    forms.push(cause.message, String(cause), cause.stack ?? '', JSON.stringify(cause) ?? '')
    forms.push(inspect(cause, { depth: null, showHidden: true }))
  }
  return forms.join('\n')
}
