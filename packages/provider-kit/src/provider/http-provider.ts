import type { PluginContext } from '@ctxlock/contracts/plugin'
import { ProviderError } from '@ctxlock/contracts/provider'
import type {
  HealthReport,
  HttpProviderOptions,
  LlmClient,
  ProviderErrorCode,
  SendOptions,
} from '@ctxlock/contracts/provider'

import { requireCapability } from './capabilities.ts'
import { refuseModel } from './cloud-served.ts'
import type { Administration, Dialect } from './dialect.ts'
import { createHttpCalls } from './http-calls.ts'
import type { HttpCalls } from './http-calls.ts'
import { prepareChat, prepareCompletion } from './prepare.ts'
import { recordedModel } from './recorded-model.ts'

/** Assumed when nothing says how much a model can take: small enough for every server. */
const DEFAULT_CONTEXT_TOKENS = 4096

/** An `LlmClient` out of a description of the server's wire. Creating it makes no request. */
export function createHttpProvider(dialect: Dialect, options: HttpProviderOptions, context: PluginContext): LlmClient {
  const calls = (send: SendOptions = {}): HttpCalls => createHttpCalls(dialect.root, options, context, send)
  const { capabilities } = dialect
  const offered = <Name extends keyof Administration>(
    name: Name,
    allowed: boolean,
    capability: 'list' | 'embed' | 'load',
  ) => requireCapability(allowed ? dialect[name] : undefined, capability)

  return {
    providerId: options.provider_id,
    displayName: dialect.displayName,
    capabilities,
    profile(model) {
      const entry = options.models?.find(({ model_id: id }) => id === model)
      return {
        model_id: model,
        max_context_tokens: entry?.max_context_tokens ?? DEFAULT_CONTEXT_TOKENS,
        model_tier: options.tier,
        parameter_class: entry?.parameter_class ?? 'PUnknown',
      }
    },
    prepareChat: (request) => prepareChat(dialect, options, context, request),
    prepareCompletion: (request) => prepareCompletion(dialect, options, context, request),
    listModels: async (send) => offered('listModels', capabilities.list, 'list')(calls(send)),
    showModel: async (model, send) => offered('showModel', capabilities.list, 'list')(calls(send), model),
    listRunning: async (send) => offered('listRunning', capabilities.load, 'load')(calls(send)),
    async embed(request, send) {
      const embed = offered('embed', capabilities.embed, 'embed')
      refuseModel(dialect, options, request.model)
      const { secret } = context
      const result = await embed(calls(send), request)
      const responseModel = recordedModel(result.responseModel, [request.model], { secret, request: request.input })
      return { ...result, responseModel }
    },
    async load(model, { contextTokens, keepAlive, ...send } = {}) {
      const load = offered('load', capabilities.load, 'load')
      refuseModel(dialect, options, model)
      return load(calls(send), model, {
        ...(contextTokens === undefined ? {} : { contextTokens }),
        ...(keepAlive === undefined ? {} : { keepAlive }),
      })
    },
    unload: async (model, send) => offered('unload', capabilities.load, 'load')(calls(send), model),
    health: (send) => health(dialect, createHttpCalls(dialect.root, { ...options, max_retries: 0 }, context, send)),
    close: () => context.egress.close(),
  }
}

/** Asks once, and reports instead of throwing; only a cancelled question is an error. */
async function health(dialect: Dialect, calls: HttpCalls): Promise<HealthReport> {
  try {
    const facts = await (dialect.health?.(calls) ?? reached(calls, dialect.root))
    return { ready: true, state: 'ready', ...facts }
  } catch (error) {
    if (!(error instanceof ProviderError) || error.code === 'aborted') throw error
    return { ready: false, state: healthState(error), reason: error.code }
  }
}

/** Without a question of its own, a server that answers at its root is there, even if it has nothing to say. */
async function reached(calls: HttpCalls, root: string): Promise<Record<string, never>> {
  try {
    await calls.get(root)
  } catch (error) {
    if (!(error instanceof ProviderError) || !ANSWERS.has(error.code)) throw error
  }
  return {}
}

const ANSWERS: ReadonlySet<ProviderErrorCode> = new Set(['endpoint_not_found', 'invalid_request', 'protocol'])

function healthState({ code }: ProviderError): HealthReport['state'] {
  if (code === 'model_loading') return 'loading'
  return code === 'network' || code === 'timeout' ? 'unreachable' : 'error'
}
