import type { EmbeddingModelV4, LanguageModelV4 } from '@ai-sdk/provider'
import type { PluginContext } from '@ctxlock/contracts/plugin'
import { ProviderError } from '@ctxlock/contracts/provider'
import type { HttpProviderOptions, LlmClient } from '@ctxlock/contracts/provider'
import { createHttpProvider, NO_CAPABILITIES, parseBaseUrl } from '@ctxlock/provider-kit'
import type { Dialect } from '@ctxlock/provider-kit'

import { readAnswer } from './answer-parts.ts'
import { CARRIED_OPTIONS, handedOver } from './call-options.ts'
import { createCheckedFetch, KEY_PLACEHOLDER } from './checked-fetch.ts'
import { embedTexts } from './embedding.ts'
import { createModelEgress } from './model-egress.ts'

/** What an SDK provider is made with, so that ctxlock decides where it goes and with which key. */
export interface ModelSettings {
  /** The configured base URL, checked and without a trailing slash. */
  readonly baseURL: string
  /** Goes out through the checked egress, to the origin of `baseURL` only. */
  readonly fetch: typeof globalThis.fetch
  /** Stands for the configured key, which takes its place in the headers of a request that leaves. */
  readonly apiKey: string
}

/** Makes the model of an id with an SDK provider of one's choice. Must pass `fetch` on; called once for each id. */
export type ModelSource = (modelId: string, settings: ModelSettings) => LanguageModelV4

/** The same for embedding models. */
export type EmbeddingSource = (modelId: string, settings: ModelSettings) => EmbeddingModelV4

/**
 * The models of an AI SDK provider as a client, behind the context's egress. `options.tier` is the tier the host derived
 * from the base URL (PROV-045). Without `embeddings` it offers none. Makes no request by itself. Throws `invalid_config` for an unusable base URL.
 */
export function createAiSdkProvider(
  source: ModelSource,
  options: HttpProviderOptions,
  context: PluginContext,
  embeddings?: EmbeddingSource,
): LlmClient {
  const root = parseBaseUrl(options.base_url).href
  const wire = createCheckedFetch(context.egress, context.secret)
  const settings: ModelSettings = { baseURL: root, fetch: wire.fetch, apiKey: KEY_PLACEHOLDER }
  const modelEgress = createModelEgress({
    model: (id) => source(id, settings),
    embeddingModel: embeddings && ((id) => embeddings(id, settings)),
    wire,
    timers: context.timers,
  })
  const egress = { ...modelEgress, close: () => context.egress.close() }
  const described = dialect('AI SDK model', root, embeddings !== undefined)
  const client = createHttpProvider(described, options, { ...context, egress })
  // The SDK has no word for health, so the server itself is asked.
  const server = createHttpProvider(described, options, context)
  return { ...client, health: server.health }
}

export interface ModelProviderOptions extends Omit<HttpProviderOptions, 'base_url' | 'tier'> {}

/**
 * One AI SDK model as a client. Where it sends what it is handed cannot be seen, so its tier is always `cloud`, and nothing is
 * checked or recorded below the call options. `createAiSdkProvider` has neither limit.
 */
export function createModelProvider(
  model: LanguageModelV4,
  options: ModelProviderOptions,
  context: Pick<PluginContext, 'clock' | 'random' | 'timers' | 'secret'>,
): LlmClient {
  const root = `ai-sdk://${encodeURIComponent(model.provider)}`
  const known = (id: string): LanguageModelV4 => {
    if (id === model.modelId) return model
    throw new ProviderError(
      'model_not_found',
      'This provider is one AI SDK model, and not the one that was asked for.',
      {
        attempts: 0,
      },
    )
  }
  const egress = createModelEgress({ model: known, timers: context.timers })
  const cloud = { ...options, base_url: root, tier: 'cloud' } as const
  const client = createHttpProvider(dialect(`AI SDK model ${model.provider}`, root), cloud, { ...context, egress })
  return { ...client, health: () => Promise.resolve({ ready: false, state: 'error', reason: 'not_supported' }) }
}

function dialect(displayName: string, root: string, embed = false): Dialect {
  return {
    displayName,
    capabilities: {
      ...NO_CAPABILITIES,
      chat: true,
      complete: true,
      stream: true,
      tools: true,
      json_schema: true,
      reasoning: true,
      seed: true,
      cached_tokens: true,
      embed,
      usage: 'provider',
    },
    root,
    rewritten: true,
    framing: 'json-lines',
    ...(embed && { embed: embedTexts }),
    // The SDK has judged the server's word already.
    finishReasons: {},
    chat: { path: '', carries: CARRIED_OPTIONS, body: handedOver, read: readAnswer },
    completion: {
      path: '',
      carries: CARRIED_OPTIONS,
      body: ({ prompt, ...sampling }, stream) =>
        handedOver({ ...sampling, messages: [{ role: 'user', content: prompt }] }, stream),
      read: readAnswer,
    },
  }
}
