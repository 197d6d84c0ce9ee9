import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { createOllama as createOllamaModels } from 'ollama-ai-provider-v2'

import type { HttpProviderOptions, LlmClient } from '../../../../packages/contracts/src/provider.ts'
import type { PluginContext } from '../../../../packages/contracts/src/plugin.ts'
import { createAiSdkProvider } from '../../../../packages/provider-ai-sdk/src/index.ts'
import type { EmbeddingSource, ModelSource } from '../../../../packages/provider-ai-sdk/src/index.ts'
import { countOf, objectOf } from '../../../../packages/provider-kit/src/index.ts'
import { createOllama } from '../../../../packages/provider-ollama/src/index.ts'
import { createOpenAiCompat } from '../../../../packages/provider-openai-compat/src/index.ts'
import type { ProviderCase } from './provider-case.ts'

/** The client a case is played with. */
export type CreateClient = (providerCase: ProviderCase, baseUrl: string, context: PluginContext) => LlmClient

/** The adapter of the wire. */
export const createClient: CreateClient = (providerCase, baseUrl, context) => {
  const options = optionsOf(providerCase, baseUrl)
  if (providerCase.provider === 'ollama') return createOllama(options, context)
  const { profile } = providerCase.options
  const known = profile === 'openai' || profile === 'llamacpp' || profile === 'vllm' || profile === 'lmstudio'
  const other = profile === 'openrouter' || profile === 'ollama' || profile === 'litellm'
  return createOpenAiCompat({ ...options, ...(known || other ? { profile } : {}) }, context)
}

/** The AI SDK's own provider for the wire, behind `provider-ai-sdk`. */
export const createAiSdkClient: CreateClient = (providerCase, baseUrl, context) => {
  const [models, embeddings] =
    providerCase.provider === 'ollama' ? [ollamaModels, ollamaEmbeddings] : [openAiModels, openAiEmbeddings]
  return createAiSdkProvider(models, optionsOf(providerCase, baseUrl), context, embeddings)
}

const openAiModels: ModelSource = (modelId, settings) =>
  createOpenAICompatible({ name: 'measured', includeUsage: true, supportsStructuredOutputs: true, ...settings })(
    modelId,
  )

const ollamaModels: ModelSource = (modelId, { baseURL, fetch }) =>
  createOllamaModels({ baseURL: `${baseURL}/api`, fetch })(modelId)

const openAiEmbeddings: EmbeddingSource = (modelId, settings) =>
  createOpenAICompatible({ name: 'measured', ...settings }).embeddingModel(modelId)

const ollamaEmbeddings: EmbeddingSource = (modelId, { baseURL, fetch }) =>
  createOllamaModels({ baseURL: `${baseURL}/api`, fetch }).embeddingModel(modelId)

function optionsOf({ options }: ProviderCase, baseUrl: string): HttpProviderOptions {
  const given = objectOf(options['timeouts'])
  const timeouts = Object.fromEntries(
    Object.entries({
      connect_ms: 'connectMs',
      first_byte_ms: 'firstByteMs',
      idle_ms: 'idleMs',
      total_ms: 'totalMs',
    }).flatMap(([ours, theirs]) => {
      const limit = countOf(given[theirs])
      return limit === undefined ? [] : [[ours, limit]]
    }),
  )
  const maxRetryAfterMs = countOf(options['maxRetryAfterMs'])
  const maxResponseBytes = countOf(options['maxResponseBytes'])
  return {
    provider_id: 'measured',
    base_url: baseUrl,
    tier: 'local' as const,
    timeouts,
    max_retries: countOf(options['maxRetries']) ?? 0,
    ...(maxRetryAfterMs === undefined ? {} : { max_retry_after_ms: maxRetryAfterMs }),
    ...(maxResponseBytes === undefined ? {} : { max_response_bytes: maxResponseBytes }),
  }
}
