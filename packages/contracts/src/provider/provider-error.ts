import { z } from 'zod'

import type { JsonValue } from '@ctxlock/core-hash'

import type { Usage } from './usage.ts'

export const ProviderErrorCode = z
  .enum([
    'aborted',
    'auth',
    'permission',
    'invalid_config',
    'ssrf_blocked',
    'redirect_blocked',
    'invalid_request',
    'context_overflow',
    'payload_too_large',
    'not_supported',
    'model_not_found',
    'endpoint_not_found',
    'model_loading',
    'model_load_failed',
    'rate_limited',
    'quota_exhausted',
    'overloaded',
    'conflict',
    'timeout',
    'network',
    'server_error',
    'upstream_error',
    'protocol',
    'stream_error',
    'stream_truncated',
    'response_too_large',
    'content_filter',
    'budget_exceeded',
    'output_truncated',
    'output_invalid',
    'tool_call_incomplete',
    'tool_call_invalid',
    'tool_choice_not_honoured',
  ])
  .meta({ id: 'ProviderErrorCode' })
export type ProviderErrorCode = z.infer<typeof ProviderErrorCode>

/** Codes after which the same request may be sent again, if no text has arrived yet. */
export const RETRYABLE_CODES: ReadonlySet<ProviderErrorCode> = new Set([
  'model_loading',
  'rate_limited',
  'overloaded',
  'conflict',
  'timeout',
  'network',
  'server_error',
  'upstream_error',
  'stream_truncated',
])

export interface ProviderErrorDetails {
  /** Overrides what the code alone says, for instance when the server asks for a longer wait than is allowed. */
  readonly retryable?: boolean
  readonly status?: number
  /** Requests made, counting the one that failed; 0 when none left this machine. */
  readonly attempts?: number
  readonly phase?: 'connect' | 'first_byte' | 'idle' | 'total'
  readonly reason?: string
  /** What had arrived before the failure. In memory only; never enters a message, a stack or a record. */
  readonly partialText?: string
  readonly retryAfterMs?: number
  readonly usage?: Usage
  readonly details?: Readonly<Record<string, JsonValue>>
}

/** A plugin may bring its own copy of this package; its errors are provider errors all the same. */
const BRAND = Symbol.for('ctxlock.ProviderError')

/** A failed call. Messages hold status, code and at most 200 redacted code points of the server's text (PROV-008). */
export class ProviderError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value
  }

  override readonly name = 'ProviderError'
  readonly code: ProviderErrorCode
  readonly retryable: boolean
  readonly status: number | undefined
  readonly attempts: number
  readonly phase: ProviderErrorDetails['phase']
  readonly reason: string | undefined
  readonly retryAfterMs: number | undefined
  readonly usage: Usage | undefined
  readonly details: Readonly<Record<string, JsonValue>>
  // A private field: inspect, JSON and structured clones of the error do not show the partial text in it.
  readonly #given: ProviderErrorDetails

  constructor(code: ProviderErrorCode, message: string, details: ProviderErrorDetails = {}, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.retryable = details.retryable ?? RETRYABLE_CODES.has(code)
    this.status = details.status
    this.attempts = details.attempts ?? 1
    this.phase = details.phase
    this.reason = details.reason
    this.retryAfterMs = details.retryAfterMs
    this.usage = details.usage
    this.details = details.details ?? {}
    this.#given = details
  }

  get [BRAND](): true {
    return true
  }

  get partialText(): string | undefined {
    return this.#given.partialText
  }

  /** The same failure with more known about it. */
  with(changes: ProviderErrorDetails): ProviderError {
    const options = this.cause === undefined ? {} : { cause: this.cause }
    return new ProviderError(this.code, this.message, { ...this.#given, ...changes }, options)
  }
}
