import { HttpProviderOptions, ProviderError } from '@ctxlock/contracts/provider'
import type { ChatRequest } from '@ctxlock/contracts/provider'
import { definePlugin } from '@ctxlock/plugin-api'
import {
  chatEncoder,
  countOf,
  createHttpProvider,
  NO_CAPABILITIES,
  objectOf,
  parseBaseUrl,
  present,
  textOf,
} from '@ctxlock/provider-kit'
import type { AnswerPart, Dialect, JsonObject } from '@ctxlock/provider-kit'

/** A provider for "teller", a small server: `POST /generate` answers in JSON, or in JSON lines when it streams. */
export const tellerPlugin = definePlugin({
  apiVersion: 'ctxlock.plugin@1',
  kind: 'provider',
  name: 'teller',
  options: HttpProviderOptions,
  create: (options, context) => createHttpProvider(tellerDialect(options), options, context),
  // By it `ctxlock replay` makes the bytes of recorded requests again, without a client.
  encoder: (options) => chatEncoder(tellerDialect(options)),
})

function tellerDialect({ base_url }: HttpProviderOptions): Dialect {
  return {
    displayName: 'Teller',
    // Only what is true: everything else is refused for you, without a request.
    capabilities: { ...NO_CAPABILITIES, chat: true, stream: true, seed: true, usage: 'provider' },
    root: parseBaseUrl(base_url).href,
    framing: 'json-lines',
    finishReasons: { end: 'stop', limit: 'length' },
    chat: { path: '/generate', carries: ['maxOutputTokens', 'temperature'], body: generateBody, read: readAnswer },
    health: async (calls) => {
      if (objectOf(await calls.get('/status'))['ready'] !== true)
        throw new ProviderError('model_loading', 'Teller is loading.')
      return {}
    },
  }
}

function generateBody({ model, messages, maxOutputTokens, temperature, seed }: ChatRequest, stream: boolean) {
  const turns = messages.map(({ role, content }) => ({ role, text: content }))
  return present({ model, turns, stream, limit: maxOutputTokens, temperature, seed })
}

/** Both forms have the same members; in a stream, `piece` comes many times and `stop` once, in the last line. */
function readAnswer({ piece, stop, tokens, model }: JsonObject): AnswerPart {
  const { read, written } = objectOf(tokens)
  return {
    text: textOf(piece),
    finish: textOf(stop),
    done: stop !== undefined,
    usage: tokens === undefined ? undefined : { inputTokens: countOf(read), outputTokens: countOf(written) },
    model: textOf(model),
  }
}
