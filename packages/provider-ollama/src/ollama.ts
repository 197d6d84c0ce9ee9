import type { PluginContext } from '@ctxlock/contracts/plugin'
import type { HttpProviderOptions, LlmClient, SamplingOptions } from '@ctxlock/contracts/provider'
import { createHttpProvider, type Dialect, NO_CAPABILITIES, notABase, parseBaseUrl } from '@ctxlock/provider-kit'

import { administration } from './administration.ts'
import { FINISH_REASONS, readChat, readGenerate } from './answer.ts'
import { createKnownModels } from './known-models.ts'
import { CARRIED_OPTIONS, chatBody, generateBody } from './request-body.ts'

/** A client of Ollama's native API. Makes no request by itself. Throws `invalid_config` for an unusable base URL. */
export function createOllama(options: HttpProviderOptions, context: PluginContext): LlmClient {
  return createHttpProvider(ollamaDialect(options), options, context)
}

/** The wire of Ollama's native API. */
export function ollamaDialect(options: HttpProviderOptions): Dialect {
  const known = createKnownModels(options.tier)
  // Without a size the server takes one of its own, by the memory it finds: what fits would depend on the machine.
  const sized = <Request extends SamplingOptions>(request: Request): Request => {
    const contextTokens = request.contextTokens ?? contextOf(options, request.model)
    return contextTokens === undefined ? request : { ...request, contextTokens }
  }
  return {
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
    root: rootOf(options),
    framing: 'json-lines',
    finishReasons: FINISH_REASONS,
    chat: {
      path: '/api/chat',
      carries: CARRIED_OPTIONS,
      body: (request, stream) => chatBody(sized(request), stream),
      read: (document) => readChat(known.local(document)),
    },
    completion: {
      path: '/api/generate',
      carries: CARRIED_OPTIONS,
      body: (request, stream) => generateBody(sized(request), stream),
      read: (document) => readGenerate(known.local(document)),
    },
    refuseModel: (model) => known.refuseRemote(model),
    digestOf: (model) => known.digestOf(model),
    ...administration(known, (model) => contextOf(options, model)),
  }
}

/** Its own API stands below the root of its server. Throws `invalid_config` for the URL of a request, and of its OpenAI-compatible API. */
function rootOf({ base_url }: HttpProviderOptions): string {
  const { href } = parseBaseUrl(base_url)
  const [endpoint] = /\/(?:v1|api\/(?:chat|embed|generate|ps|show|tags|version))$/.exec(href) ?? []
  if (endpoint === undefined) return href
  const instead = endpoint === '/v1' ? ', or take kind openai_compat for it' : ''
  throw notABase(`it ends in ${endpoint}; give what stands before that${instead}`)
}

/** What the registry entry says the model may take. */
function contextOf({ models = [] }: HttpProviderOptions, model: string): number | undefined {
  return models.find(({ model_id }) => model_id === model)?.max_context_tokens
}
