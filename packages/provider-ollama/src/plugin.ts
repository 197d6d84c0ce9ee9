import { HttpProviderOptions } from '@ctxlock/contracts/provider'
import { definePlugin } from '@ctxlock/plugin-api'
import { chatEncoder } from '@ctxlock/provider-kit'

import { createOllama, ollamaDialect } from './ollama.ts'

/** The provider plugin `ollama`. */
export const ollamaPlugin = definePlugin({
  apiVersion: 'ctxlock.plugin@1',
  kind: 'provider',
  name: 'ollama',
  options: HttpProviderOptions,
  create: createOllama,
  encoder: (options) => chatEncoder(ollamaDialect(options)),
})
