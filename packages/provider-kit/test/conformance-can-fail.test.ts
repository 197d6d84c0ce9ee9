// The conformance cases are themselves tested: a provider that is right passes all of them, and for every fault that can be
// put into it there is a case that notices.
import { Readable } from 'node:stream'

import type { Egress, PluginContext } from '@ctxlock/contracts/plugin'
import { HttpProviderOptions, ProviderError } from '@ctxlock/contracts/provider'
import type { ChatRequest, EmbeddingResult, LlmClient, PreparedCall, SendOptions } from '@ctxlock/contracts/provider'
import { definePlugin } from '@ctxlock/plugin-api'
import { providerConformance } from '@ctxlock/plugin-api/testing'
import { describe, expect, test } from 'vitest'

import {
  createHttpProvider,
  embeddingResult,
  listOf,
  NO_CAPABILITIES,
  objectOf,
  parseBaseUrl,
  textOf,
} from '../src/index.ts'
import { HTTP_TARGET } from '../src/testing.ts'

const STREAM = ['{"piece":"Tisch"}\n', '{"piece":"lein ü"}\n', '{"stop":"end","model":"m1"}\n'].join('')

interface Fault {
  readonly client?: (client: LlmClient, context: PluginContext) => LlmClient
  readonly egress?: (egress: Egress) => Egress
  readonly dialect?: { readonly zeroUsage?: boolean; readonly nonce?: boolean }
}

let nonce = 0

function plugin({ client: change = (client) => client, egress = (real) => real, dialect = {} }: Fault) {
  return definePlugin({
    apiVersion: 'ctxlock.plugin@1',
    kind: 'provider',
    name: 'under-test',
    options: HttpProviderOptions,
    create: (options, context) => {
      const changed = { ...context, egress: egress(context.egress) }
      const made = createHttpProvider(
        {
          displayName: 'Under test',
          capabilities: { ...NO_CAPABILITIES, chat: true, stream: true, embed: true },
          root: parseBaseUrl(options.base_url).href,
          framing: 'json-lines',
          finishReasons: { end: 'stop' },
          embed: async (calls, request) => {
            const { model, input } = request
            const answer = await calls.post('/embed', { model, input: [...input] }, { privateTexts: input })
            return embeddingResult(request, listOf(objectOf(answer)['vectors']), undefined, undefined)
          },
          chat: {
            path: '/generate',
            carries: [],
            body: ({ model, messages }, stream) => ({
              model,
              stream,
              talk: messages.map(({ role, content }) => ({ role, content })),
              ...(dialect.nonce ? { nonce: (nonce += 1) } : {}),
            }),
            read: (document) => ({
              text: textOf(document['piece']),
              finish: textOf(document['stop']),
              done: document['stop'] !== undefined,
              usage: dialect.zeroUsage ? { inputTokens: 0, outputTokens: 0 } : undefined,
            }),
          },
        },
        options,
        changed,
      )
      return change(made, context)
    },
  })
}

function casesFor(fault: Fault) {
  return providerConformance({
    plugin: plugin(fault),
    ...HTTP_TARGET,
    answer: {
      headers: { 'content-type': 'application/json' },
      body: '{"piece":"Tischlein ü","stop":"end","model":"m1"}',
      text: 'Tischlein ü',
    },
    stream: { headers: { 'content-type': 'application/x-ndjson' }, body: STREAM, text: 'Tischlein ü' },
    embeddings: (vectors) => JSON.stringify({ vectors }),
    errorBody: (message) => JSON.stringify({ error: message }),
  })
}

/** Changes what sending a prepared chat does. */
function sending(
  change: (send: PreparedCall['send'], context: PluginContext, request: ChatRequest) => PreparedCall['send'],
): Fault {
  return {
    client: (client, context) => ({
      ...client,
      prepareChat: (request) => {
        const call = client.prepareChat(request)
        return { ...call, send: change((options) => call.send(options), context, request) }
      },
    }),
  }
}

/** Changes the bytes of every answer. */
function receiving(change: (body: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>): Fault {
  return {
    egress: (egress) => ({
      ...egress,
      request: async (request) => {
        const response = await egress.request(request)
        return { ...response, body: change(response.body) }
      },
    }),
  }
}

/** Changes what embedding gives, or what it throws. */
function embedding(
  change: (result: Promise<EmbeddingResult>, texts: readonly string[]) => Promise<EmbeddingResult>,
): Fault {
  return {
    client: (client) => ({ ...client, embed: (request, send) => change(client.embed(request, send), request.input) }),
  }
}

/** Makes something up where the vectors that came are no good. */
const INVENTIVE = embedding((result) =>
  result.catch(() => ({
    embeddings: [[1]],
    usage: {
      inputTokens: null,
      outputTokens: null,
      totalTokens: null,
      cachedInputTokens: null,
      reasoningTokens: null,
      source: 'none',
      complete: false,
    },
    responseModel: null,
  })),
)

const FAULTS: readonly (readonly [string, Fault, string])[] = [
  [
    'brings vectors in another order',
    embedding(async (result) => ({ ...(await result), embeddings: (await result).embeddings.toReversed() })),
    'embed: one vector',
  ],
  ['does not refuse a vector too few', INVENTIVE, 'embed: a vector too few'],
  ['does not refuse a vector too many', INVENTIVE, 'embed: a vector too many'],
  ['does not refuse a vector of another length', INVENTIVE, 'embed: a vector of another length'],
  ['does not refuse an empty vector', INVENTIVE, 'embed: an empty vector'],
  ['does not refuse what is no number', INVENTIVE, 'embed: a value that is no number'],
  [
    'shows the texts it embeds',
    embedding((result, texts) =>
      result.catch((error) => {
        throw error instanceof ProviderError ? new ProviderError(error.code, texts.join()) : error
      }),
    ),
    'embed: neither key nor text',
  ],
  ['sends other bytes each time', { dialect: { nonce: true } }, 'request: the bytes'],
  ['reports zero for unknown counts', { dialect: { zeroUsage: true } }, 'answer: a whole answer'],
  [
    'takes a stream that broke off for a whole one',
    receiving(async function* (body) {
      yield* body
      yield Buffer.from('\n{"stop":"end"}\n')
    }),
    'stream: cut anywhere',
  ],
  [
    'decodes every chunk by itself',
    receiving(async function* (body) {
      for await (const chunk of body) yield Buffer.from(new TextDecoder().decode(chunk))
    }),
    'stream: 50 seeded splits',
  ],
  [
    'crashes on damaged input',
    sending((send) => async (options) => {
      try {
        return await send(options)
      } catch (error) {
        if (error instanceof ProviderError && error.code === 'protocol')
          throw new TypeError('cannot read properties of undefined')
        throw error
      }
    }),
    'stream: one damaged byte',
  ],
  [
    'shows the key',
    sending((send, context) => async (options) => {
      try {
        return await send(options)
      } catch (error) {
        throw error instanceof ProviderError
          ? new ProviderError(error.code, context.secret.bearer(), { status: error.status ?? 0 })
          : error
      }
    }),
    'error: neither key nor prompt',
  ],
  [
    'shows the prompt in a cause',
    sending((send, _, { messages }) => async (options) => {
      try {
        return await send(options)
      } catch (error) {
        throw error instanceof ProviderError
          ? new ProviderError(error.code, 'x', {}, { cause: new Error(JSON.stringify(messages)) })
          : error
      }
    }),
    'error: neither key nor prompt',
  ],
  [
    'sends again after text',
    sending((send) => async (options) => {
      try {
        return await send(options)
      } catch {
        return await send(options)
      }
    }),
    'retry: nothing is sent again',
  ],
  [
    'never repeats anything',
    {
      client: (client) => client,
      egress: (egress) => ({
        ...egress,
        request: async (request) => {
          const response = await egress.request(request)
          return response.status === 503 ? { ...response, status: 418 } : response
        },
      }),
    },
    'retry: a retryable failure',
  ],
  [
    'ignores the signal',
    sending(
      (send) =>
        ({ onEvent }: SendOptions = {}) =>
          send(onEvent ? { onEvent } : {}),
    ),
    'abort: a signal that is aborted already',
  ],
  [
    'leaves a timer behind',
    sending((send, context) => async (options) => {
      context.timers.after(5000, () => {})
      return await send(options)
    }),
    'hygiene',
  ],
  [
    'leaves a listener behind',
    sending((send) => async (options) => {
      options?.signal?.addEventListener('abort', () => {})
      return await send(options)
    }),
    'hygiene',
  ],
  [
    'offers what it does not declare',
    { client: (client) => ({ ...client, listModels: () => Promise.resolve([]) }) },
    'manifest: an undeclared capability',
  ],
  [
    'declares what is no capability',
    { client: (client) => ({ ...client, displayName: '' }) },
    'manifest: capabilities and profiles',
  ],
  [
    'has a way out of its own',
    {
      egress: (egress) => ({
        ...egress,
        request: async ({ url, body, headers }) => {
          const answer = await fetch(url, { method: 'POST', headers, body: Buffer.from(body ?? []) })
          return {
            status: answer.status,
            headers: Object.fromEntries(answer.headers),
            body: answer.body ?? Readable.from([]),
          }
        },
      }),
    },
    'answer: a whole answer',
  ],
  [
    'asks the network while preparing',
    {
      client: (client, context) => ({
        ...client,
        prepareChat: (request) => {
          const call = client.prepareChat(request)
          void context.egress.request({ method: 'GET', url: call.url, headers: {}, streaming: false }).catch(() => {})
          return call
        },
      }),
    },
    'request: the bytes',
  ],
]

describe('the conformance cases', () => {
  test.each(casesFor({}).map(({ name, run }) => [name, run] as const))(
    'a provider without fault passes: %s',
    (_, run) => run(),
  )

  test.each(FAULTS)('notice a provider that %s', async (_, fault, expected) => {
    const suspects = casesFor(fault).filter(({ name }) => name.startsWith(expected))
    expect(suspects).not.toHaveLength(0)
    const results = await Promise.allSettled(suspects.map(({ run }) => withinTime(run())))
    expect(results.some(({ status }) => status === 'rejected')).toBe(true)
  })
})

/** A case that never ends has noticed the fault too. */
function withinTime(run: Promise<void>): Promise<void> {
  return Promise.race([run, new Promise<void>((_, reject) => setTimeout(() => reject(new Error('no end')), 4000))])
}
