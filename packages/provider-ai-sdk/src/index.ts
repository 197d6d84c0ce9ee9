export { createAiSdkProvider, createModelProvider } from './ai-sdk-provider.ts'
export type { EmbeddingSource, ModelProviderOptions, ModelSettings, ModelSource } from './ai-sdk-provider.ts'
export { aiSdkPlugin } from './plugin.ts'
