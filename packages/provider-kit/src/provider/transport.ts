import type { EgressResponse, PluginContext } from '@ctxlock/contracts/plugin'
import type { HttpProviderOptions, SendOptions } from '@ctxlock/contracts/provider'

import { DEFAULT_TIMEOUTS } from '../egress/phase-timers.ts'
import type { PrivateTexts } from '../errors/error-text.ts'
import { pathTexts } from '../errors/private-texts.ts'
import { responseError } from '../errors/response-error.ts'
import { DEFAULT_RETRY_LIMITS } from '../retry.ts'
import type { RetryLimits } from '../retry.ts'

export interface HttpMessage {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly body?: Uint8Array
  readonly streaming: boolean
  /** Texts an error message of the server must not repeat. */
  readonly privateTexts: readonly string[]
  /** For requests that answer only when a model is loaded. */
  readonly slow?: boolean
}

/**
 * Sends one message through the egress and returns the successful response; a failed one is thrown as what it means.
 * The key is read now and goes into one header of this request (PROV-031, PROV-032).
 */
export async function exchange(
  message: HttpMessage,
  options: HttpProviderOptions,
  context: PluginContext,
  signal: AbortSignal | undefined,
): Promise<EgressResponse> {
  const { timeouts, max_response_bytes: maxResponseBytes } = options
  const patience = message.slow ? { first_byte_ms: timeouts?.total_ms ?? DEFAULT_TIMEOUTS.total_ms } : {}
  const response = await context.egress.request({
    method: message.method,
    url: message.url,
    headers: {
      accept: message.streaming ? 'text/event-stream, application/x-ndjson, application/json' : 'application/json',
      ...(message.body ? { 'content-type': 'application/json' } : {}),
      ...(context.secret.present ? { authorization: context.secret.bearer() } : {}),
    },
    streaming: message.streaming,
    timeouts: { ...timeouts, ...patience },
    ...(message.body ? { body: message.body } : {}),
    ...(maxResponseBytes === undefined ? {} : { maxResponseBytes }),
    ...(signal ? { signal } : {}),
  })
  if (response.status >= 200 && response.status < 300) return response
  throw await responseError(response, { ...privateTextsOf(message, context), now: context.clock.now() })
}

/** What errors about this message, and what its answer calls itself, must not repeat. */
export function privateTextsOf({ privateTexts, url }: HttpMessage, context: PluginContext): PrivateTexts {
  return { secret: context.secret, request: [...privateTexts, ...pathTexts(url)] }
}

export function retryLimits(options: HttpProviderOptions, send: SendOptions): RetryLimits {
  return {
    maxRetries: Math.min(options.max_retries ?? DEFAULT_RETRY_LIMITS.maxRetries, send.maxRetries ?? Infinity),
    maxRetryAfterMs: options.max_retry_after_ms ?? DEFAULT_RETRY_LIMITS.maxRetryAfterMs,
  }
}

export function retryContext(context: PluginContext, { signal, onRetry }: SendOptions) {
  return { timers: context.timers, random: context.random, signal, onRetry }
}
