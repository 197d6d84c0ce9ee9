import { HttpProviderOptions } from '@ctxlock/contracts/provider'
import { definePlugin } from '@ctxlock/plugin-api'

import { createOllama } from './ollama.ts'

/** The provider plugin `ollama`. */
export const ollamaPlugin = definePlugin({
  apiVersion: 'ctxlock.plugin@1',
  kind: 'provider',
  name: 'ollama',
  options: HttpProviderOptions,
  create: createOllama,
})
