import { AsyncLocalStorage } from 'node:async_hooks'

import type { Egress, EgressRequest, SecretHolder } from '@ctxlock/contracts/plugin'
import { ProviderError } from '@ctxlock/contracts/provider'
import { bytesHash } from '@ctxlock/core-hash'

import { holdsUnseenText } from './unseen-text.ts'

/** Handed to an SDK provider as its key; the real one takes its place in a header of the request that leaves (PROV-032). */
export const KEY_PLACEHOLDER = 'ctxlock-key-of-this-provider'

/** What one attempt did on the wire. */
export interface Attempt {
  /** The request that left; undefined while none has. */
  readonly wire: { readonly sha256: string; readonly bytes: number } | undefined
  /** The first thing that went wrong below the SDK, in our words; the SDK wraps or replaces it. */
  readonly failure: ProviderError | undefined
  /** Requests the model wanted to make, refused ones as well. */
  readonly requests: number
}

export interface CheckedFetch {
  /** For the `fetch` option of an SDK provider. Refuses everything outside `attempt` and `rehearse`. */
  readonly fetch: typeof globalThis.fetch
  /** Runs one attempt: its first request leaves through the egress, if it carries only text of `shown`; others are refused. */
  attempt<T>(limits: AttemptLimits, work: (attempt: Attempt) => Promise<T>): Promise<T>
  /** Runs `work` with a fetch that lets nothing out. Resolves to whether it was used. */
  rehearse(work: () => Promise<unknown>): Promise<boolean>
}

export interface AttemptLimits extends Pick<EgressRequest, 'streaming' | 'signal' | 'timeouts' | 'maxResponseBytes'> {
  readonly shown: Uint8Array
}

interface OpenAttempt {
  readonly limits: AttemptLimits | undefined
  wire: Attempt['wire']
  failure: ProviderError | undefined
  requests: number
}

/** A `fetch` whose only way out is this egress: address check, no redirect, no proxy, one origin (PROV-035..044). */
export function createCheckedFetch(egress: Egress, secret: SecretHolder): CheckedFetch {
  const attempts = new AsyncLocalStorage<OpenAttempt>()

  async function checkedFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const attempt = attempts.getStore()
    if (!attempt) throw refused('outside_call', 'a request was made outside a call')
    attempt.requests += 1
    try {
      return await exchange(attempt, input, init)
    } catch (error) {
      throw failed(attempt, error)
    }
  }

  async function exchange(
    attempt: OpenAttempt,
    input: string | URL | Request,
    init: RequestInit | undefined,
  ): Promise<Response> {
    const { limits } = attempt
    if (!limits) throw refused('rehearsal', 'this call is a rehearsal')
    // Whether an answer may be asked for again is decided above the SDK, where it is known what the caller has seen.
    if (attempt.requests > 1) throw refused('second_request', 'one call makes one request')
    const request = new Request(input, { ...init, signal: null })
    const body = new Uint8Array(await request.arrayBuffer())
    if (request.method !== 'POST') throw refused('method', 'a call is a POST')
    if (holdsUnseenText(body, limits.shown))
      throw refused('unseen_text', 'the model put text into its request that was not shown')
    attempt.wire = { sha256: bytesHash(body), bytes: body.length }
    const { shown: _, ...rest } = limits
    const response = await egress.request({
      ...rest,
      method: 'POST',
      url: request.url,
      headers: headersOf(request),
      body,
    })
    const { status, headers } = response
    return new Response(
      status === 204 || status === 304 ? null : ReadableStream.from(watched(attempt, response.body)),
      {
        status,
        headers,
      },
    )
  }

  function headersOf(request: Request): Record<string, string> {
    const key = secret.present ? secret.bearer().replace(/^Bearer /, '') : undefined
    const headers: Record<string, string> = {}
    for (const [name, value] of request.headers) {
      if (!value.includes(KEY_PLACEHOLDER)) headers[name] = value
      else if (key !== undefined) headers[name] = value.replaceAll(KEY_PLACEHOLDER, () => key)
    }
    return headers
  }

  return {
    fetch: checkedFetch,
    attempt(limits, work) {
      const attempt: OpenAttempt = { limits, wire: undefined, failure: undefined, requests: 0 }
      return attempts.run(attempt, () => work(attempt))
    },
    async rehearse(work) {
      const attempt: OpenAttempt = { limits: undefined, wire: undefined, failure: undefined, requests: 0 }
      await attempts.run(attempt, work).catch(() => {})
      return attempt.requests > 0
    },
  }
}

async function* watched(
  attempt: OpenAttempt,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body
  } catch (error) {
    throw failed(attempt, error)
  }
}

function failed(attempt: OpenAttempt, error: unknown): unknown {
  if (error instanceof ProviderError) attempt.failure ??= error
  return error
}

function refused(reason: string, why: string): ProviderError {
  return new ProviderError('ssrf_blocked', `A request of an AI SDK model was not sent: ${why}.`, {
    attempts: 0,
    reason,
  })
}
