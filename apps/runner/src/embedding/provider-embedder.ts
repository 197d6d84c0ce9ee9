import type { Clock, Embedder } from '@ctxlock/contracts/ports'
import { ProviderError, type EmbeddingResult, type LlmClient } from '@ctxlock/contracts/provider'
import { textHash } from '@ctxlock/core-hash'

import { CloudEmbeddingRefused, type EmbeddingModel } from './embedding-model.ts'

export interface EmbedderOptions {
  readonly id: string
  readonly model: EmbeddingModel
  readonly client: LlmClient
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Told about every request that was sent, whatever came of it. */
  readonly onRequest: (request: EmbeddingRequest) => void
}

export interface EmbeddingRequest {
  readonly texts: readonly string[]
  readonly outcome: EmbeddingResult | ProviderError
  readonly latencyMs: number
}

/** Texts shorter than this fit every model; one that is refused all the same has another problem. */
const ALWAYS_FITS = 64
/** As tokens are counted everywhere else (ACE-055). */
const UNITS_PER_TOKEN = 4
/** What a digest looks like; the server controls it and it is shown. */
const DIGEST = /^[\w:.+-]{1,128}$/

/**
 * A model of a provider as an embedder. A text that is too long for the model stands for its beginning: it is halved until it
 * fits, never cut by the server without a word. Throws `ProviderError`.
 */
export function providerEmbedder({ id, model, client, clock, signal, onRequest }: EmbedderOptions): Embedder {
  const { modelId, dimensions } = model
  const longest = client.profile(modelId).max_context_tokens * UNITS_PER_TOKEN

  async function request(texts: readonly string[]): Promise<EmbeddingResult['embeddings']> {
    const started = clock.monotonic()
    const outcome = await embedded(client, { model: modelId, input: texts, ...(dimensions && { dimensions }) }, signal)
    // What was refused on this machine was no request.
    const wasSent = !(outcome instanceof ProviderError) || outcome.attempts > 0
    if (wasSent) onRequest({ texts, outcome, latencyMs: clock.monotonic() - started })
    if (outcome instanceof ProviderError) throw outcome
    return outcome.embeddings
  }

  async function fitting(texts: readonly string[]): Promise<EmbeddingResult['embeddings']> {
    try {
      return await request(texts)
    } catch (error) {
      if (!(error instanceof ProviderError) || error.code !== 'context_overflow') throw error
      const [text = ''] = texts
      if (texts.length === 1 && text.length < ALWAYS_FITS) throw error
      if (texts.length === 1) return fitting([startOf(text, text.length / 2)])
      const vectors: EmbeddingResult['embeddings'][number][] = []
      for (const one of texts) vectors.push(...(await fitting([one])))
      return vectors
    }
  }

  return {
    id,
    async revision() {
      const info = await shownModel(client, modelId, signal)
      if (info?.remote === true) throw new CloudEmbeddingRefused(modelId, 'the server passes it on to another machine')
      const named = info?.digest ?? info?.sizeBytes?.toString()
      return named === undefined || DIGEST.test(named) ? named : textHash(named.toWellFormed())
    },
    embed: (texts) => fitting(texts.map((text) => startOf(text, longest))),
  }
}

async function embedded(
  client: LlmClient,
  request: Parameters<LlmClient['embed']>[0],
  signal: AbortSignal,
): Promise<EmbeddingRequest['outcome']> {
  try {
    return await client.embed(request, { signal })
  } catch (error) {
    if (error instanceof ProviderError) return error
    // A plugin that throws something else is broken, not the machine; its words are not repeated.
    return new ProviderError('protocol', 'The provider plugin failed.', { reason: 'plugin' }, { cause: error })
  }
}

/** A server that does not list its model may embed all the same; embedding says what is wrong then. */
async function shownModel(client: LlmClient, modelId: string, signal: AbortSignal) {
  if (!client.capabilities.list) return undefined
  try {
    return await client.showModel(modelId, { signal })
  } catch (error) {
    const isUnlisted = error instanceof ProviderError && ['model_not_found', 'endpoint_not_found'].includes(error.code)
    if (isUnlisted) return undefined
    throw error
  }
}

/** The first so many code units; half of a surrogate pair at the end becomes U+FFFD. */
function startOf(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, Math.ceil(length)).toWellFormed()
}
