import { ProviderError } from '../../../../packages/contracts/src/provider.ts'
import type { GenerationResult, StreamEvent } from '../../../../packages/contracts/src/provider.ts'
import { countOf, listOf, objectOf, textOf } from '../../../../packages/provider-kit/src/index.ts'
import { createMemoryEgress, createTestContext } from '../../../../packages/provider-kit/src/testing.ts'
import { createClient } from '../provider-cases/clients.ts'
import type { ProviderCase } from '../provider-cases/provider-case.ts'
import { chatRequest } from '../provider-cases/run-operation.ts'

/** A streamed answer as it was recorded, to be cut and damaged. */
export interface RecordedStream {
  readonly providerCase: ProviderCase
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
}

export interface Reading {
  readonly events: readonly StreamEvent[]
  /** Without the times it took. */
  readonly result: Omit<GenerationResult, 'timings'> | undefined
  readonly error: ProviderError | undefined
}

// More of an endless stream shows nothing new.
const MOST_REPEATS = 40
const PATIENCE_MS = 2000

/** The stream of a case, unless it has none: only whole bodies under HTTP 200 in plain bytes can be cut. */
export function recordedStream(providerCase: ProviderCase): RecordedStream | undefined {
  const { input, server, noNetwork } = providerCase
  const response = server.at(-1) ?? {}
  const headers = Object.fromEntries(
    Object.entries(objectOf(response['headers'])).map(([header, value]) => [header, String(value)]),
  )
  const plain = headers['content-encoding'] === undefined && response['drip'] === undefined
  if (input['op'] !== 'chat' || input['stream'] !== true || noNetwork || !plain) return undefined
  const bytes = Buffer.concat(
    listOf(response['chunks']).flatMap((chunk) => {
      const { base64, text, repeat } = objectOf(chunk)
      const piece = typeof base64 === 'string' ? Buffer.from(base64, 'base64') : Buffer.from(textOf(text) ?? '')
      return Array.from({ length: Math.min(countOf(repeat) ?? 1, MOST_REPEATS) }, () => piece)
    }),
  )
  return response['status'] === 200 && bytes.length > 0 ? { providerCase, headers, bytes } : undefined
}

/** Reads the stream in these pieces. Rejects when it hangs or throws what is no `ProviderError`. */
export async function readStream(
  { providerCase, headers }: Pick<RecordedStream, 'providerCase' | 'headers'>,
  chunks: readonly Uint8Array[],
): Promise<Reading> {
  const baseUrl = 'http://127.0.0.1:8080'
  const context = { ...createTestContext({ baseUrl }), egress: createMemoryEgress(() => ({ headers, chunks })) }
  const client = createClient(
    { ...providerCase, options: { ...providerCase.options, maxRetries: 0 } },
    baseUrl,
    context,
  )
  const events: StreamEvent[] = []
  const sent = client.prepareChat(chatRequest(providerCase.input)).send({ onEvent: (event) => events.push(event) })
  try {
    const { timings: _timings, ...result } = await withinPatience(sent)
    return { events, result, error: undefined }
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    return { events, result: undefined, error }
  }
}

function withinPatience<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const hung = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the stream hung for ${PATIENCE_MS} ms`)), PATIENCE_MS)
  })
  return Promise.race([promise, hung]).finally(() => clearTimeout(timer))
}
