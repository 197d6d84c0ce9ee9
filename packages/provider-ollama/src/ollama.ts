import type { PluginContext } from '@ctxlock/contracts/plugin'
import type { HttpProviderOptions, LlmClient } from '@ctxlock/contracts/provider'
import { createHttpProvider, NO_CAPABILITIES, parseBaseUrl } from '@ctxlock/provider-kit'

import { administration } from './administration.ts'
import { FINISH_REASONS, readChat, readGenerate } from './answer.ts'
import { createKnownModels } from './known-models.ts'
import { CARRIED_OPTIONS, chatBody, generateBody } from './request-body.ts'

/** A client of Ollama's native API. Makes no request by itself. Throws `invalid_config` for an unusable base URL. */
export function createOllama(options: HttpProviderOptions, context: PluginContext): LlmClient {
  const known = createKnownModels(options.tier)
  return createHttpProvider(
    {
      displayName: 'Ollama',
      capabilities: {
        ...NO_CAPABILITIES,
        chat: true,
        complete: true,
        stream: true,
        tools: true,
        json_schema: true,
        embed: true,
        list: true,
        load: true,
        reasoning: true,
        seed: true,
        usage: 'provider',
      },
      root: parseBaseUrl(options.base_url).href,
      framing: 'json-lines',
      finishReasons: FINISH_REASONS,
      chat: {
        path: '/api/chat',
        carries: CARRIED_OPTIONS,
        body: (request, stream) => {
          known.refuseRemote(request.model)
          return chatBody(request, stream)
        },
        read: readChat,
      },
      completion: {
        path: '/api/generate',
        carries: CARRIED_OPTIONS,
        body: (request, stream) => {
          known.refuseRemote(request.model)
          return generateBody(request, stream)
        },
        read: readGenerate,
      },
      digestOf: (model) => known.digestOf(model),
      ...administration(known),
    },
    options,
    context,
  )
}
