import type { PluginContext } from '@ctxlock/contracts/plugin'
import {
  type ChatEncoder,
  type GenerationResult,
  type HttpProviderOptions,
  type LlmClient,
  type ModelInfo,
  type PreparedCall,
  type ProviderCapabilities,
  ProviderError,
  type SendOptions,
} from '@ctxlock/contracts/provider'
import { codePointsPerFour } from '@ctxlock/contracts/token-counter'

import { answer, DISPLAY_NAME } from './answer.ts'
import { readPrompt } from './prompt.ts'
import { demandModel, type ExtractiveRequest, MODEL_ID, modelNames, notSupported, readRequest } from './request.ts'

export type ExtractiveOptions = Pick<HttpProviderOptions, 'provider_id' | 'models'>

/** Changes whenever the same request could get another answer. */
const MODEL_VERSION = 'extractive@1'
const CONTEXT_TOKENS = 1_000_000

const CAPABILITIES: ProviderCapabilities = {
  chat: true,
  complete: true,
  stream: true,
  tools: false,
  json_schema: false,
  embed: false,
  list: true,
  load: false,
  vision: false,
  reasoning: false,
  // Nothing here is random, so every seed is kept.
  seed: true,
  cached_tokens: false,
  usage: 'estimated',
}

/** The bytes of its requests. */
export function extractiveEncoder({ models }: Pick<ExtractiveOptions, 'models'>): ChatEncoder {
  const names = modelNames(models)
  return { capabilities: CAPABILITIES, encodeChat: (request) => readRequest(request, names).body }
}

/**
 * A provider without a model and without a network: it ranks spans of the evidence in the prompt against the question and
 * quotes the best ones verbatim. The same request always gets the same answer. Uses nothing of `context` but the clock.
 */
export function createExtractive(options: ExtractiveOptions, { clock }: Pick<PluginContext, 'clock'>): LlmClient {
  const names = modelNames(options.models)
  const windowOf = (name: string) =>
    options.models?.find(({ model_id }) => model_id === name)?.max_context_tokens ?? CONTEXT_TOKENS
  const infoOf = (name: string): ModelInfo => ({
    id: name,
    contextTokens: windowOf(name),
    capabilities: [MODEL_VERSION],
  })

  return {
    providerId: options.provider_id,
    displayName: DISPLAY_NAME,
    capabilities: CAPABILITIES,
    profile(name) {
      demandModel(name, names)
      return {
        model_id: name,
        max_context_tokens: windowOf(name),
        model_tier: 'local',
        parameter_class: 'PUnknown',
      }
    },
    prepareChat: (request) => prepare('chat', readRequest(request, names)),
    prepareCompletion: ({ prompt, ...sampling }) =>
      prepare('completion', readRequest({ ...sampling, messages: [{ role: 'user', content: prompt }] }, names)),
    async listModels() {
      return names.map(infoOf)
    },
    async showModel(name) {
      demandModel(name, names)
      return infoOf(name)
    },
    async health() {
      return { ready: true, state: 'ready', version: MODEL_VERSION }
    },
    listRunning: () => refuse('load'),
    embed: () => refuse('embed'),
    load: () => refuse('load'),
    unload: () => refuse('load'),
    async close() {},
  }

  function prepare(kind: 'chat' | 'completion', request: ExtractiveRequest): PreparedCall {
    return {
      method: 'POST',
      // Names the place for records; nothing is ever sent there.
      url: `embedded://${MODEL_ID}/${kind}`,
      body: request.body,
      send: async (send) => generate(request, send),
    }
  }

  function generate(request: ExtractiveRequest, { signal, onEvent }: SendOptions = {}): GenerationResult {
    const start = clock.monotonic()
    refuseAborted(signal, '')
    const { pieces, shortened } = answer(readPrompt(request.messages), request.maxOutputTokens)
    const { text, stopped } = cutAtStop(pieces.join(''), request.stop)
    let firstText: number | null = null
    let sent = ''
    for (const piece of request.stream ? piecesOf(pieces, text) : []) {
      refuseAborted(signal, sent)
      firstText ??= clock.monotonic()
      sent += piece
      onEvent?.({ type: 'text', text: piece })
    }
    refuseAborted(signal, sent)
    const totalMs = clock.monotonic() - start
    const inputTokens = codePointsPerFour.count(request.messages.map(({ content }) => content).join(''))
    const outputTokens = codePointsPerFour.count(text)
    return {
      text,
      toolCalls: [],
      finishReason: shortened && !stopped ? 'length' : 'stop',
      rawFinishReason: null,
      usage: {
        inputTokens,
        outputTokens,
        totalTokens: inputTokens + outputTokens,
        cachedInputTokens: null,
        reasoningTokens: null,
        source: 'estimated',
        complete: true,
      },
      requestedModel: request.model,
      responseModel: request.model,
      attempts: 1,
      timings: { totalMs, firstTextMs: firstText === null ? null : firstText - start },
      warnings: request.unused.map((name) => `${name} has no effect: ${DISPLAY_NAME}`),
      meta: { ranking: MODEL_VERSION },
    }
  }
}

function refuse(capability: string): Promise<never> {
  return Promise.reject(notSupported(capability))
}

function refuseAborted(signal: AbortSignal | undefined, partialText: string): void {
  if (signal?.aborted === true)
    throw new ProviderError('aborted', 'The call was aborted by its caller.', { partialText })
}

function cutAtStop(text: string, stop: readonly string[]): { readonly text: string; readonly stopped: boolean } {
  const places = stop.map((word) => text.indexOf(word)).filter((place) => place !== -1)
  return places.length === 0 ? { text, stopped: false } : { text: text.slice(0, Math.min(...places)), stopped: true }
}

/** The pieces of an answer as far as the answer goes. */
function piecesOf(pieces: readonly string[], text: string): string[] {
  let from = 0
  return pieces.flatMap((piece) => {
    const part = text.slice(from, from + piece.length)
    from += piece.length
    return part === '' ? [] : [part]
  })
}
