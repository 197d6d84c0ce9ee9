import type { Egress, EgressRequest, EgressResponse } from '@ctxlock/contracts/plugin'
import type { Timers } from '@ctxlock/contracts/ports'
import { ProviderError } from '@ctxlock/contracts/provider'
import type { ProviderTimeouts } from '@ctxlock/contracts/provider'
import { Agent } from 'undici'
import type { buildConnector, Dispatcher } from 'undici'

import { networkPolicy } from '../network/network-policy.ts'
import type { NetworkConfig } from '../network/network-policy.ts'
import { checkedConnector, dialChecked, systemLookup } from './checked-connector.ts'
import type { Dial, Lookup } from './checked-connector.ts'
import { decodedBody, decoderFor } from './decoded-body.ts'
import { networkError } from './network-error.ts'
import { startPhaseTimers } from './phase-timers.ts'
import type { PhaseTimers } from './phase-timers.ts'
import { streamConnections } from './stream-connections.ts'

export interface EgressOptions {
  readonly timers: Timers
  readonly timeouts?: ProviderTimeouts
  /** Decoded bytes of one response; 16 MiB when absent (PROV-021). */
  readonly maxResponseBytes?: number
  /** Called before each connection that only `allow_private_hosts` permits, so that the host can record it (PROV-043). */
  readonly onException?: (use: { readonly hostAndPort: string }) => void
  /** Replaces the system's name lookup. */
  readonly lookup?: Lookup
  /** Replaces the opening of sockets; gets checked addresses only. */
  readonly dial?: Dial
}

export const DEFAULT_MAX_RESPONSE_BYTES = 16 * 1024 * 1024

/**
 * The one way out for one provider (PROV-035..044). Bound to the origin of its base URL, so a key can reach no other;
 * connects only to addresses it has just checked; follows no redirect, reads no proxy variable, asks for no compression.
 * Throws `invalid_config` or `ssrf_blocked` at once when the record itself is refused.
 */
export function createEgress(config: NetworkConfig, options: EgressOptions): Egress {
  const policy = networkPolicy(config)
  const connector = checkedConnector({
    policy,
    lookup: options.lookup ?? systemLookup,
    dial: options.dial ?? dialChecked,
    onException: options.onException,
  })
  const streams = streamConnections()
  const agent = agentOver(connector.connect)
  /** Makes the one connection that is watched. */
  const watching = agentOver((target, settle) =>
    connector.connect(target, (...made) => {
      if (made[1]) streams.opened(made[1])
      settle(...made)
    }),
  )
  let connecting = 0

  async function send(
    request: EgressRequest,
    path: string,
    { controller, timers }: Watch,
  ): Promise<Dispatcher.ResponseData> {
    let waiting = true
    const connected = (): void => {
      if (waiting) connecting -= 1
      waiting = false
    }
    connecting += 1
    timers.enter('connect')
    const plan = request.streaming ? streams.next() : 'keep'
    const onStart = (): void => {
      connected()
      timers.enter('first_byte')
    }
    const onEnd = (): void => streams.ended(plan)
    try {
      const sent = (plan === 'watch' ? watching : agent).compose(following(onStart, onEnd)).request({
        origin: policy.baseUrl.origin,
        path,
        method: request.method,
        headers: { 'accept-encoding': 'identity', ...request.headers },
        body: request.body ?? null,
        reset: plan === 'close' || plan === 'prove',
        signal: controller.signal,
      })
      return await orAborted(sent, controller.signal)
    } catch (error) {
      streams.failed(plan)
      throw error
    } finally {
      connected()
      connector.limitAttempts(connecting)
    }
  }

  async function request(request: EgressRequest): Promise<EgressResponse> {
    const path = pathWithin(policy.baseUrl.origin, request.url)
    if (request.signal?.aborted) throw aborted(0)
    const watched = watch(request, options)
    const { timers, release } = watched
    try {
      const { statusCode: status, headers: rawHeaders, body } = await send(request, path, watched)
      timers.pause()
      // Destroying an unfinished body emits an error that nobody else is there to take.
      body.on('error', () => {})
      try {
        refuseRedirect(status)
        const headers = joinedHeaders(rawHeaders)
        const decoder = decoderFor(headers['content-encoding'])
        const limit = request.maxResponseBytes ?? options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES
        return { status, headers, body: decodedBody(timedChunks(body, timers, release), decoder, limit) }
      } catch (error) {
        body.destroy()
        throw error
      }
    } catch (error) {
      release()
      throw networkError(error)
    }
  }

  return {
    request,
    async close() {
      connector.limitAttempts(0)
      await Promise.all([agent.destroy(), watching.destroy()])
    },
  }
}

/** undici notices an abort only once it has a connection; this notices it at once. */
function orAborted<T>(sent: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(networkError(signal.reason)), { once: true })
    sent.then(resolve, reject)
  })
}

interface Watch {
  readonly controller: AbortController
  readonly timers: PhaseTimers
  readonly release: () => void
}

/** Joins the caller's signal and the timers into one abort; `release` leaves no listener and no timer behind. */
function watch(request: EgressRequest, options: EgressOptions): Watch {
  const controller = new AbortController()
  const timers = startPhaseTimers(options.timers, { ...options.timeouts, ...request.timeouts }, (phase, limitMs) => {
    const message = `The provider took longer than ${limitMs} ms (${phase}).`
    // Not retryable but for connect: the server may be generating already, and the same wait would follow (wire facts 3).
    controller.abort(new ProviderError('timeout', message, { phase, retryable: phase === 'connect' }))
  })
  const onAbort = (): void => controller.abort(aborted(1))
  request.signal?.addEventListener('abort', onAbort, { once: true })
  const release = (): void => {
    timers.stop()
    request.signal?.removeEventListener('abort', onAbort)
  }
  return { controller, timers, release }
}

function aborted(attempts: number): ProviderError {
  return new ProviderError('aborted', 'The call was cancelled.', { attempts })
}

/** The path and query of a URL inside the one origin this egress may reach. */
function pathWithin(origin: string, url: string): string {
  const parsed = URL.parse(url)
  if (!parsed || parsed.origin !== origin || parsed.username !== '' || parsed.password !== '') {
    throw new ProviderError('ssrf_blocked', 'A request left the origin of its provider.', {
      attempts: 0,
      reason: 'origin',
    })
  }
  return parsed.pathname + parsed.search
}

function agentOver(connect: buildConnector.connector): Agent {
  // Our own timers watch every phase; undici's would cut off slow local models after 300 s.
  return new Agent({ headersTimeout: 0, bodyTimeout: 0, allowH2: false, pipelining: 1, connect })
}

function following(started: () => void, ended: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart: (controller, context) => {
        started()
        handler.onRequestStart?.(controller, context)
      },
      onRequestUpgrade: (...event) => handler.onRequestUpgrade?.(...event),
      onResponseStart: (...event) => handler.onResponseStart?.(...event),
      onResponseData: (...event) => handler.onResponseData?.(...event),
      onResponseEnd: (...event) => {
        ended()
        handler.onResponseEnd?.(...event)
      },
      onResponseError: (...event) => handler.onResponseError?.(...event),
    })
}

/** A redirect could lead anywhere and would take the key along: it is an error, whatever it points to (PROV-041). */
function refuseRedirect(status: number): void {
  if (status < 300 || status > 399 || status === 304) return
  throw new ProviderError(
    'redirect_blocked',
    `The provider answered with a redirect (HTTP ${status}); redirects are not followed.`,
    { status },
  )
}

/** The chunks as they come; idle time counts only while one is waited for. Leaving early closes the socket. */
async function* timedChunks(
  body: AsyncIterable<unknown> & { destroy(): unknown },
  timers: PhaseTimers,
  release: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    timers.enter('idle')
    for await (const chunk of body) {
      timers.pause()
      if (chunk instanceof Uint8Array) yield chunk
      timers.enter('idle')
    }
  } catch (error) {
    throw networkError(error)
  } finally {
    release()
    body.destroy()
  }
}

function joinedHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  const joined: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ')
  }
  return joined
}
