import { HttpProviderOptions, ProviderError } from '@ctxlock/contracts/provider'
import type { ChatRequest, LlmClient, PreparedCall } from '@ctxlock/contracts/provider'
import { definePlugin } from '@ctxlock/plugin-api'
import type { ProviderTarget } from '@ctxlock/plugin-api/testing'

import {
  countOf,
  createHttpProvider,
  embeddingResult,
  listOf,
  objectOf,
  parseBaseUrl,
  present,
  textOf,
} from '../src/index.ts'
import type { AnswerPart, CarriedOption, HttpCalls, JsonObject } from '../src/index.ts'
import { HTTP_TARGET } from '../src/testing.ts'

const CARRIES: readonly CarriedOption[] = ['maxOutputTokens', 'temperature', 'topP', 'stop']

/** A target that declares every capability there is, and whose client `change` may break. */
export function capableTarget(change: (client: LlmClient) => LlmClient = (client) => client): ProviderTarget {
  return {
    plugin: pluginOf(change),
    ...HTTP_TARGET,
    answer: { headers: { 'content-type': 'application/json' }, body: said('Well ü'), text: 'Well ü' },
    stream: {
      headers: { 'content-type': 'application/x-ndjson' },
      body: '{"piece":"Well"}\n{"piece":" ü"}\n{"stop":"end","model":"m1"}\n',
      text: 'Well ü',
    },
    completion: { body: said('Once'), text: 'Once' },
    calls: (call) => said('', { calls: [call] }),
    streamedCalls: (call) => `${JSON.stringify({ calls: [call] })}\n{"stop":"end","model":"m1"}\n`,
    says: (text) => said(text),
    reasoned: { body: said('Yes.', { thought: 'Hm.' }), text: 'Yes.', reasoning: 'Hm.' },
    counts: ({ inputTokens, outputTokens, cachedInputTokens }) =>
      said('Yes.', { tokens: { read: inputTokens, written: outputTokens, cached: cachedInputTokens } }),
    models: (ids) => JSON.stringify({ models: ids }),
    loading: {
      loaded: '{"state":"loaded"}',
      unloaded: '{"state":"unloaded"}',
      running: (ids) => JSON.stringify({ models: ids }),
    },
    embeddings: (vectors) => JSON.stringify({ vectors }),
    errorBody: (message) => JSON.stringify({ error: message }),
  }
}

function said(piece: string, members: object = {}): string {
  return JSON.stringify({ piece, stop: 'end', model: 'm1', ...members })
}

function pluginOf(change: (client: LlmClient) => LlmClient) {
  return definePlugin({
    apiVersion: 'ctxlock.plugin@1',
    kind: 'provider',
    name: 'capable',
    options: HttpProviderOptions,
    create: (options, context) =>
      change(
        createHttpProvider(
          {
            displayName: 'Capable',
            capabilities: {
              chat: true,
              complete: true,
              stream: true,
              tools: true,
              json_schema: true,
              embed: true,
              list: true,
              load: true,
              vision: false,
              reasoning: true,
              seed: true,
              cached_tokens: true,
              usage: 'provider',
            },
            root: parseBaseUrl(options.base_url).href,
            framing: 'json-lines',
            finishReasons: { end: 'stop' },
            chat: { path: '/chat', carries: CARRIES, body: chatBody, read },
            completion: {
              path: '/complete',
              carries: CARRIES,
              body: ({ prompt, ...sampling }, stream) =>
                chatBody({ ...sampling, messages: [{ role: 'user', content: prompt }] }, stream),
              read,
            },
            listModels: (calls) => listed(calls, '/models'),
            showModel: async (_, id) => ({ id }),
            listRunning: (calls) => listed(calls, '/running'),
            load: async (calls, model) => expectState(await calls.post('/load', { model }), 'loaded'),
            unload: async (calls, model) => {
              expectState(await calls.post('/unload', { model }), 'unloaded')
              while ((await listed(calls, '/running')).some(({ id }) => id === model)) await calls.wait(1)
            },
            embed: async (calls, request) => {
              const body = { model: request.model, input: [...request.input] }
              const { vectors } = objectOf(await calls.post('/embed', body, { privateTexts: request.input }))
              return embeddingResult(request, listOf(vectors), undefined, undefined)
            },
          },
          options,
          context,
        ),
      ),
  })
}

function chatBody(request: ChatRequest, stream: boolean) {
  const { model, messages, tools, reasoning, seed, maxOutputTokens, temperature, topP, stop } = request
  const format = request.responseFormat
  return present({
    model,
    stream,
    talk: messages.map((message) => JSON.stringify(message)),
    tools: tools?.map(({ name, description, parameters }) => present({ name, description, parameters })),
    format: format?.type === 'json_schema' ? format.schema : format?.type,
    reasoning,
    seed,
    limit: maxOutputTokens,
    temperature,
    topP,
    stop: stop && [...stop],
  })
}

function read({ piece, thought, calls, stop, tokens, model }: JsonObject): AnswerPart {
  const { read: input, written, cached } = objectOf(tokens)
  return {
    text: textOf(piece),
    reasoning: textOf(thought),
    toolCalls: listOf(calls).map((call) => ({
      name: textOf(objectOf(call)['name']),
      arguments: objectOf(call)['arguments'],
    })),
    finish: textOf(stop),
    done: stop !== undefined,
    usage:
      tokens === undefined
        ? undefined
        : { inputTokens: countOf(input), outputTokens: countOf(written), cachedInputTokens: countOf(cached) },
    model: textOf(model),
  }
}

async function listed(calls: HttpCalls, path: string) {
  const { models } = objectOf(await calls.get(path))
  if (!Array.isArray(models)) throw new ProviderError('protocol', 'The list of models is not a list.')
  return models.map((id) => ({ id: String(id) }))
}

function expectState(answer: unknown, state: string): void {
  if (objectOf(answer)['state'] !== state) throw new ProviderError('protocol', `The server did not say ${state}.`)
}

/** Changes what sending a prepared chat or completion does. */
export function resending(
  client: LlmClient,
  change: (sent: ReturnType<PreparedCall['send']>) => ReturnType<PreparedCall['send']>,
): LlmClient {
  const changed = (call: PreparedCall): PreparedCall => ({ ...call, send: (options) => change(call.send(options)) })
  return {
    ...client,
    prepareChat: (request) => changed(client.prepareChat(request)),
    prepareCompletion: (request) => changed(client.prepareCompletion(request)),
  }
}
