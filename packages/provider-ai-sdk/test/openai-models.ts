import { createOpenAICompatible } from '@ai-sdk/openai-compatible'

import { aiSdkPlugin } from '../src/index.ts'
import type { EmbeddingSource, ModelSource } from '../src/index.ts'

/** The models of any server with the OpenAI wire, by the AI SDK's own provider. */
export const openAiModels: ModelSource = (modelId, settings) =>
  createOpenAICompatible({ name: 'example', includeUsage: true, supportsStructuredOutputs: true, ...settings })(modelId)

const openAiEmbeddings: EmbeddingSource = (modelId, settings) =>
  createOpenAICompatible({ name: 'example', ...settings }).embeddingModel(modelId)

export const openAiModelsPlugin = aiSdkPlugin('openai_models', openAiModels, openAiEmbeddings)
