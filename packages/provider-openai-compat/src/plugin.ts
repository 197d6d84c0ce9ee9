import { definePlugin } from '@ctxlock/plugin-api'
import { chatEncoder } from '@ctxlock/provider-kit'

import { createOpenAiCompat, openAiCompatDialect } from './openai-compat.ts'
import { OpenAiCompatOptions } from './options.ts'

/** The provider plugin `openai_compat`. */
export const openAiCompatPlugin = definePlugin({
  apiVersion: 'ctxlock.plugin@1',
  kind: 'provider',
  name: 'openai_compat',
  options: OpenAiCompatOptions,
  create: createOpenAiCompat,
  encoder: (options) => chatEncoder(openAiCompatDialect(options)),
})
