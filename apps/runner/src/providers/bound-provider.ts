import { AsyncLocalStorage } from 'node:async_hooks'

import type { Egress, EgressRequest, SecretHolder } from '@ctxlock/contracts/plugin'
import {
  ProviderError,
  type LlmClient,
  type PreparedCall,
  type SendOptions,
  type StreamEvent,
} from '@ctxlock/contracts/provider'

import { watchForKey } from './key-watch.ts'
import { checkPluginAnswer, pluginFailure } from './plugin-answer.ts'

export interface BoundProvider {
  /** What the plugin gets as its way out. */
  readonly egress: Egress
  /** The plugin's client as the host uses it. */
  bind(client: LlmClient): LlmClient
}

/** What the host has asked a plugin for, and so may leave: the one request of a call, or whatever lists and loads models. */
type Asked = SentCall | 'administration'

interface SentCall extends Omit<PreparedCall, 'send'> {
  /** How often its bytes may still leave. */
  left: number
  sent: number
  /** How often a server began to answer. */
  answered: number
  refusal: ProviderError | undefined
}

/**
 * Holds a provider plugin to what it prepared (PROV-019, PROV-051): while it sends a call, that request is all that leaves, byte
 * for byte and no oftener than it may, and when it was asked for nothing, nothing leaves. A plugin that wants more gets, and
 * the call ends with, `protocol` with reason `plugin`; what it returned is not used. What it returns or
 * throws is of the form that it has to be, and an answer that holds the key is withheld.
 */
export function boundProvider(egress: Egress, secret: SecretHolder): BoundProvider {
  const context = new AsyncLocalStorage<Asked>()
  const administration = <Result>(work: () => Promise<Result>) => context.run('administration', work)

  /** Names of models come from the server, are printed, and go into a config that is committed. */
  const told = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const said = await administration(work)
    watchForKey(secret).judge(said)
    return said
  }

  function bound(theirs: PreparedCall): PreparedCall {
    const { method, url, rewritten = false } = theirs
    // A copy: what is hashed, shown and compared cannot be changed by the plugin any more.
    const prepared = { method, url, rewritten, body: new Uint8Array(theirs.body) }
    return {
      ...prepared,
      send: async (options: SendOptions = {}) => {
        const left = 1 + (options.maxRetries ?? Infinity)
        const call: SentCall = { ...prepared, left, sent: 0, answered: 0, refusal: undefined }
        const watch = watchForKey(secret)
        const show = (event: StreamEvent) => void (event.text !== '' && options.onEvent?.(event))
        const answer = await context
          .run(call, async () => theirs.send({ ...options, onEvent: (event) => show(watch.pass(event)) }))
          .catch((error: unknown) => {
            throw call.refusal ?? toldOf(call, pluginFailure(error))
          })
        if (call.refusal) throw call.refusal
        checkPluginAnswer(answer)
        const { text, reasoning, toolCalls } = answer
        watch.judge([text, reasoning, toolCalls])
        watch.rest().forEach(show)
        return answer
      },
    }
  }

  return {
    egress: {
      request: async (request) => {
        const asked = context.getStore()
        const response = await egress.request(admitted(asked, request))
        if (typeof asked === 'object') asked.answered += 1
        return response
      },
      close: () => egress.close(),
    },
    bind: (client) => ({
      providerId: client.providerId,
      displayName: client.displayName,
      capabilities: client.capabilities,
      profile: (model) => client.profile(model),
      prepareChat: (request) => bound(client.prepareChat(request)),
      prepareCompletion: (request) => bound(client.prepareCompletion(request)),
      listModels: (options) => told(() => client.listModels(options)),
      showModel: (model, options) => told(() => client.showModel(model, options)),
      listRunning: (options) => told(() => client.listRunning(options)),
      embed: (request, options) => administration(() => client.embed(request, options)),
      load: (model, options) => administration(() => client.load(model, options)),
      unload: (model, options) => administration(() => client.unload(model, options)),
      health: (options) => told(() => client.health(options)),
      close: () => administration(() => client.close()),
    }),
  }
}

/** The request as it may leave: with the host's copy of the bytes, because the plugin could change its own until they are written. */
function admitted(asked: Asked | undefined, request: EgressRequest): EgressRequest {
  if (asked === 'administration') return request
  if (asked === undefined) throw refusal('it wanted to send something nobody had asked it for', 0)
  const problem = unlike(asked, request)
  if (problem !== undefined) {
    asked.refusal ??= refusal(problem, asked.sent)
    throw asked.refusal
  }
  asked.left -= 1
  asked.sent += 1
  return asked.rewritten ? request : { ...request, body: asked.body }
}

/** Why the request is not the call's; undefined when it is. */
function unlike(call: SentCall, { method, url, body = NOTHING }: EgressRequest): string | undefined {
  if (call.left < 1) return 'it wanted to send the call oftener than it may be sent'
  // What a library below the plugin writes is no copy of the bytes; such a plugin checks it itself (decisions/0030).
  if (call.rewritten) return undefined
  const same = method === call.method && URL.parse(url)?.href === URL.parse(call.url)?.href
  return same && Buffer.compare(body, call.body) === 0
    ? undefined
    : 'it wanted to send another request than the one it prepared'
}

const NOTHING = new Uint8Array()

/** The failure, unless it says that nothing was sent, for which nothing would be charged, and a server has answered. */
function toldOf({ answered }: SentCall, failure: ProviderError): ProviderError {
  if (failure.attempts > 0 || answered === 0) return failure
  return new ProviderError(
    'protocol',
    'The provider plugin broke its contract: it says that nothing was sent, and a server answered.',
    { reason: 'plugin', attempts: answered, retryable: false },
    { cause: failure },
  )
}

function refusal(problem: string, attempts: number): ProviderError {
  return new ProviderError('protocol', `The provider plugin broke its contract: ${problem}. That was not sent.`, {
    reason: 'plugin',
    attempts,
    retryable: false,
  })
}
