import type { Egress, EgressRequest } from '@ctxlock/contracts/plugin'

export interface MemoryResponse {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly chunks: readonly (Uint8Array | string)[]
}

/** An egress without sockets: records what it is asked and answers from memory. For tests that run thousands of times. */
export function createMemoryEgress(respond: (request: EgressRequest, index: number) => MemoryResponse): Egress & {
  readonly requests: readonly EgressRequest[]
} {
  const requests: EgressRequest[] = []
  return {
    requests,
    request: (request) => {
      const { status = 200, headers = {}, chunks } = respond(request, requests.push(request) - 1)
      return Promise.resolve({ status, headers, body: inOrder(chunks) })
    },
    close: () => Promise.resolve(),
  }
}

async function* inOrder(chunks: readonly (Uint8Array | string)[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}
