import type { Egress, EgressResponse } from '@ctxlock/contracts/plugin'
import type { Environment } from '@ctxlock/contracts/ports'
import { ProviderError } from '@ctxlock/contracts/provider'
import { retryAfterMs, withRetries } from '@ctxlock/provider-kit'

import { rejectedSpans } from './encode-spans.ts'

export interface Collector {
  /** Where traces go: the endpoint and `/v1/traces`. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly egress: Egress
  readonly environment: Pick<Environment, 'clock' | 'random' | 'timers'>
}

const LIMITS = { maxRetries: 4, maxRetryAfterMs: 30_000 }
/** What the protocol says may be sent again (OTLP 1.x, failures). */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504])
const MAX_RESPONSE_BYTES = 65_536

/**
 * Sends one encoded request until it is taken; waits as the server asks. Gives the number of spans it rejected, which are not sent
 * again. Throws `ProviderError`: nothing was taken, or whether it was is not known, and the same spans may be sent again later.
 */
export function sendSpans({ url, headers, egress, environment }: Collector, body: Uint8Array): Promise<number> {
  return withRetries(LIMITS, environment, async () => {
    const response = await egress.request({
      method: 'POST',
      url,
      headers: { ...headers, 'content-type': 'application/x-protobuf' },
      body,
      streaming: false,
      maxResponseBytes: MAX_RESPONSE_BYTES,
    })
    const answer = await bytesOf(response.body)
    if (response.status >= 200 && response.status < 300 && !isPage(response.headers)) return rejectedOf(answer)
    const wait = retryAfterMs(response.headers, environment.clock.now())
    // Its text is not repeated: it may say back what it was sent, headers among it.
    throw new ProviderError('server_error', `The collector answered with HTTP ${response.status}.`, {
      status: response.status,
      retryable: RETRYABLE.has(response.status),
      ...(wait !== undefined && { retryAfterMs: wait }),
    })
  })
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** What serves pages says 200 to much that it does not know, and a proxy that wants a login to everything. */
function isPage(headers: EgressResponse['headers']): boolean {
  return headers['content-type']?.startsWith('text/html') === true
}

/** A body that is no answer of the protocol says nothing about spans; the status counts. */
function rejectedOf(answer: Uint8Array): number {
  try {
    return rejectedSpans(answer)
  } catch {
    return 0
  }
}
