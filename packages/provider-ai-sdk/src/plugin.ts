import { HttpProviderOptions } from '@ctxlock/contracts/provider'
import { definePlugin } from '@ctxlock/plugin-api'
import type { Plugin } from '@ctxlock/plugin-api'

import { createAiSdkProvider } from './ai-sdk-provider.ts'
import type { EmbeddingSource, ModelSource } from './ai-sdk-provider.ts'

/**
 * A provider plugin out of an SDK provider: name the module that exports it under `plugins` of the config, and `name` as the
 * `kind` of a provider.
 */
export function aiSdkPlugin(
  name: string,
  source: ModelSource,
  embeddings?: EmbeddingSource,
): Plugin<'provider', HttpProviderOptions> {
  return definePlugin({
    apiVersion: 'ctxlock.plugin@1',
    kind: 'provider',
    name,
    options: HttpProviderOptions,
    create: (options, context) => createAiSdkProvider(source, options, context, embeddings),
  })
}
