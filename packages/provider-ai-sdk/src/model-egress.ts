import type { EmbeddingModelV4, LanguageModelV4 } from '@ai-sdk/provider'
import type { Egress, EgressRequest, EgressResponse } from '@ctxlock/contracts/plugin'
import type { Timers } from '@ctxlock/contracts/ports'
import { ProviderError } from '@ctxlock/contracts/provider'

import { readHandedOver } from './call-options.ts'
import type { HandedOver } from './call-options.ts'
import type { Attempt, AttemptLimits, CheckedFetch } from './checked-fetch.ts'
import { embeddingDocument, type HandedTexts } from './embedding.ts'
import { failedResponse, modelFailure } from './model-error.ts'
import { refuseOwnNetwork, rehearse } from './rehearsal.ts'
import { jsonLine, streamLines } from './stream-lines.ts'
import { startWatch } from './watch.ts'
import type { Watch } from './watch.ts'

const DEFAULT_MAX_RESPONSE_BYTES = 16 * 1024 * 1024

export interface ModelAccess {
  /** Called once for each model id. */
  model(id: string): LanguageModelV4
  /** The same for embeddings; absent where there are none. */
  readonly embeddingModel?: ((id: string) => EmbeddingModelV4) | undefined
  /** Absent for models whose network is their own. */
  readonly wire?: CheckedFetch
  readonly timers: Timers
}

/**
 * Lets an AI SDK model stand where a server stands: call options go in as JSON, its answer comes out as JSON, one part a
 * line when it streams. So the kit's retries, limits and judgement hold for it as for any server. The SDK itself retries in
 * `generateText`, which is not used here: a request to this egress calls the model once. Throws `ProviderError`.
 */
export function createModelEgress({ model, embeddingModel, wire, timers }: ModelAccess): Egress {
  const languageModel = rehearsed(model, wire, timers)
  const embedder = embeddingModel && rehearsed(embeddingModel, wire, timers)

  /** What to ask once the model is known to use the fetch it was given. */
  async function question(asked: HandedOver | HandedTexts): Promise<Question> {
    if (!('stream' in asked)) {
      if (!embedder) throw new ProviderError('not_supported', 'This provider has no embeddings.', { attempts: 0 })
      const created = await embedder(asked.model)
      return (attempt, watch) => vectors(created, asked, attempt, watch)
    }
    const created = await languageModel(asked.model)
    return (attempt, watch) => answer(created, asked, attempt, watch)
  }

  async function request(request: EgressRequest): Promise<EgressResponse> {
    if (request.signal?.aborted) throw new ProviderError('aborted', 'The call was cancelled.', { attempts: 0 })
    const shown = request.body ?? new Uint8Array()
    const watch = startWatch(request, timers)
    try {
      const handedOver = readHandedOver(shown)
      const ask = await watch.orAborted(question(handedOver))
      const run = (attempt: Attempt): Promise<EgressResponse> => ask(attempt, watch)
      const response = await (wire ? wire.attempt(attemptLimits(request, shown, watch), run) : run(OWN_NETWORK))
      return { ...response, body: limited(response.body, request.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES) }
    } catch (error) {
      watch.release()
      throw modelFailure(watch.signal.aborted ? watch.signal.reason : error)
    }
  }

  return { request, close: () => Promise.resolve() }
}

type Question = (attempt: Attempt, watch: Watch) => Promise<EgressResponse>

/** Makes each model once, and hands it over only when its rehearsal went well. */
function rehearsed<Model extends LanguageModelV4 | EmbeddingModelV4>(
  make: (id: string) => Model,
  wire: CheckedFetch | undefined,
  timers: Timers,
): (id: string) => Promise<Model> {
  const made = new Map<string, Model>()
  return async (id) => {
    const known = made.get(id)
    if (known) return known
    const created = asVersion4(make(id))
    if (wire) await rehearse(created, wire, timers)
    made.set(id, created)
    return created
  }
}

/** Nothing below the SDK is seen. */
const OWN_NETWORK: Attempt = { wire: undefined, failure: undefined, requests: 1 }

async function answer(
  model: LanguageModelV4,
  { stream, options }: HandedOver,
  attempt: Attempt,
  watch: Watch,
): Promise<EgressResponse> {
  const given = { ...options, abortSignal: watch.signal }
  try {
    if (stream) {
      const result = await watch.orAborted(model.doStream(given))
      refuseOwnNetwork(attempt)
      return responseWith(result.response?.headers, 'x-ndjson', streamLines(result.stream, attempt, watch))
    }
    const result = await watch.orAborted(model.doGenerate(given))
    refuseOwnNetwork(attempt)
    watch.release()
    const { content, finishReason, usage, warnings, response } = result
    const document = {
      content,
      finishReason,
      usage,
      warnings,
      wire: attempt.wire,
      response: { modelId: response?.modelId },
    }
    return responseWith(response?.headers, 'json', oneChunk(jsonLine(document)))
  } catch (error) {
    return failedAnswer(error, attempt, watch)
  }
}

async function vectors(
  model: EmbeddingModelV4,
  asked: HandedTexts,
  attempt: Attempt,
  watch: Watch,
): Promise<EgressResponse> {
  try {
    const document = await watch.orAborted(embeddingDocument(model, asked, watch.signal))
    refuseOwnNetwork(attempt)
    watch.release()
    return responseWith({}, 'json', oneChunk(jsonLine(document)))
  } catch (error) {
    return failedAnswer(error, attempt, watch)
  }
}

/** The response behind an error of the SDK; throws where there is none. */
function failedAnswer(error: unknown, attempt: Attempt, watch: Watch): EgressResponse {
  if (attempt.failure) throw attempt.failure
  const response = watch.signal.aborted ? undefined : failedResponse(error)
  if (!response) throw error
  watch.release()
  return response
}

/** Plain JavaScript can hand over anything, and older models look alike. */
function asVersion4<Model extends LanguageModelV4 | EmbeddingModelV4>(model: Model): Model {
  const { specificationVersion: version } = model
  if (version === 'v4') return model
  throw new ProviderError(
    'invalid_config',
    `Expected an AI SDK model of specification v4, got ${String(version)}; install its provider for AI SDK 7.`,
    { attempts: 0, reason: 'specification' },
  )
}

function attemptLimits(
  { streaming, timeouts, maxResponseBytes }: EgressRequest,
  shown: Uint8Array,
  { signal }: Watch,
): AttemptLimits {
  return {
    shown,
    streaming,
    signal,
    ...(timeouts === undefined ? {} : { timeouts }),
    ...(maxResponseBytes === undefined ? {} : { maxResponseBytes }),
  }
}

function responseWith(
  headers: Readonly<Record<string, string>> | undefined,
  type: 'json' | 'x-ndjson',
  body: AsyncIterable<Uint8Array>,
): EgressResponse {
  return { status: 200, headers: { ...headers, 'content-type': `application/${type}` }, body }
}

async function* limited(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > maxBytes)
      throw new ProviderError('response_too_large', `The answer of the model is larger than ${maxBytes} bytes.`)
    yield chunk
  }
}

async function* oneChunk(chunk: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield chunk
}
