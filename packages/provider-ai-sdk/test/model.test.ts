import {
  APICallError,
  InvalidResponseDataError,
  LoadAPIKeyError,
  UnsupportedFunctionalityError,
} from '@ai-sdk/provider'
import type { LanguageModelV4, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import type { ChatRequest, LlmClient, StreamEvent } from '@ctxlock/contracts/provider'
import { everyForm, providerErrorOf } from '@ctxlock/plugin-api/testing'
import { createTestContext } from '@ctxlock/provider-kit/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createModelProvider } from '../src/index.ts'
import { answer, scriptedModel, STOP, UNKNOWN_USAGE } from './scripted-model.ts'

const MARKER = 'marker-9f3b1c77 of a prompt nobody may repeat'
const CHAT: ChatRequest = { model: 'm1', messages: [{ role: 'user', content: MARKER }], stream: false }
const LOOK = { name: 'look', parameters: { type: 'object', required: ['at'], properties: { at: { type: 'string' } } } }
const FINISH: LanguageModelV4StreamPart = { type: 'finish', finishReason: STOP, usage: UNKNOWN_USAGE }

function provider(model: LanguageModelV4, maxRetries = 0): LlmClient {
  const context = createTestContext({ baseUrl: 'http://127.0.0.1:8080' })
  return createModelProvider(model, { provider_id: 'one', max_retries: maxRetries }, context)
}

function streaming(parts: readonly LanguageModelV4StreamPart[], request: Partial<ChatRequest> = {}) {
  const model = scriptedModel({ stream: () => parts })
  const events: StreamEvent[] = []
  const call = provider(model, 3).prepareChat({ ...CHAT, ...request, stream: true })
  return { model, events, result: call.send({ onEvent: (event) => events.push(event) }) }
}

test('a model whose network is its own is never local', () => {
  expect(provider(scriptedModel({})).profile('m1').model_tier).toBe('cloud')
})

test('nor is it ever called healthy', async () => {
  expect(await provider(scriptedModel({})).health()).toMatchObject({ ready: false, reason: 'not_supported' })
})

test('options arrive as they were hashed, messages of every role with them', async () => {
  const model = scriptedModel({ generate: async () => answer([{ type: 'text', text: 'ok' }]) })
  const call = provider(model).prepareChat({
    ...CHAT,
    messages: [
      { role: 'system', content: 's' },
      { role: 'assistant', content: 'a', toolCalls: [{ id: 'c1', name: 'look', arguments: { at: 'x' } }] },
      { role: 'tool', content: 'r', toolCallId: 'c1' },
    ],
    tools: [LOOK],
    reasoning: 'low',
    stop: ['\n'],
    topP: 0.5,
  })
  await call.send()
  const [{ abortSignal, ...options } = { prompt: [] }] = model.calls
  expect(abortSignal?.aborted).toBe(false)
  expect(options).toEqual(JSON.parse(Buffer.from(call.body).toString()).options)
  expect(options).toMatchObject({
    prompt: [
      { role: 'system', content: 's' },
      { role: 'assistant', content: [{ text: 'a' }, { type: 'tool-call', toolCallId: 'c1', input: { at: 'x' } }] },
      { role: 'tool', content: [{ type: 'tool-result', toolName: 'look', output: { type: 'text', value: 'r' } }] },
    ],
    tools: [{ type: 'function', name: 'look', inputSchema: LOOK.parameters }],
    reasoning: 'low',
    stopSequences: ['\n'],
    topP: 0.5,
  })
})

describe('answers', () => {
  test('of every kind of part, with unknown counts as null', async () => {
    const { events, result } = streaming([
      {
        type: 'stream-start',
        warnings: [
          { type: 'unsupported', feature: 'seed' },
          { type: 'other', message: MARKER },
        ],
      },
      { type: 'response-metadata', modelId: 'm1', timestamp: new Date(0) },
      { type: 'reasoning-start', id: '0' },
      { type: 'reasoning-delta', id: '0', delta: 'hm' },
      { type: 'text-start', id: '1' },
      { type: 'text-delta', id: '1', delta: 'Hel' },
      { type: 'text-delta', id: '1', delta: 'lo' },
      { type: 'source', sourceType: 'url', id: 's', url: 'https://example.com' },
      { type: 'raw', rawValue: { big: 1n } },
      FINISH,
    ])
    expect(await result).toMatchObject({
      text: 'Hello',
      reasoning: 'hm',
      finishReason: 'stop',
      responseModel: 'm1',
      warnings: ['sdk_unsupported:seed', 'sdk_other', 'ignored:source'],
      usage: { inputTokens: null, outputTokens: null, totalTokens: null, source: 'none', complete: false },
      rawFinishReason: 'end_turn',
    })
    expect(events.map(({ text }) => text)).toEqual(['hm', 'Hel', 'lo'])
  })

  test('a zero counts where the server itself said zero', async () => {
    const counts = {
      inputTokens: { total: 5, noCache: 5, cacheRead: 0, cacheWrite: undefined },
      outputTokens: { total: 2, text: 2, reasoning: 0 },
    }
    const usageOf = async (raw?: { prompt_tokens_details: { cached_tokens: number } }) => {
      const model = scriptedModel({
        generate: async () => answer([{ type: 'text', text: 'x' }], { usage: { ...counts, ...(raw && { raw }) } }),
      })
      return (await provider(model).prepareChat(CHAT).send()).usage
    }
    expect(await usageOf()).toMatchObject({ totalTokens: 7, cachedInputTokens: null, reasoningTokens: null })
    expect(await usageOf({ prompt_tokens_details: { cached_tokens: 0 } })).toMatchObject({
      cachedInputTokens: 0,
      reasoningTokens: null,
    })
  })

  test('tool calls are checked against what was offered', async () => {
    const call = { type: 'tool-call', toolCallId: 'c1', toolName: 'look', input: '{"at":"x"}' } as const
    const finish = { ...FINISH, finishReason: { unified: 'tool-calls', raw: undefined } } as const
    const input = [
      { type: 'tool-input-start', id: 'c1', toolName: 'look' },
      { type: 'tool-input-delta', id: 'c1', delta: '{"at":' },
    ] as const
    const offered = { tools: [LOOK] }
    expect(await streaming([...input, call, finish], offered).result).toMatchObject({
      finishReason: 'tool_calls',
      toolCalls: [{ id: 'c1', name: 'look', arguments: { at: 'x' } }],
    })
    const codeOf = async (parts: readonly LanguageModelV4StreamPart[]) =>
      (await providerErrorOf(streaming(parts, offered).result)).code
    expect(await codeOf([{ ...call, toolName: 'rm' }, finish])).toBe('tool_call_invalid')
    expect(await codeOf([{ ...call, input: '{"at":1}' }, finish])).toBe('tool_call_invalid')
    expect(await codeOf([...input, { ...FINISH, finishReason: { unified: 'length', raw: 'x' } }])).toBe(
      'tool_call_incomplete',
    )
  })

  test.each([
    ['length', 'length'],
    ['content-filter', 'content_filter'],
    ['other', 'unknown'],
  ] as const)('finish %s is %s', async (unified, finishReason) => {
    const model = scriptedModel({
      generate: async () => answer([{ type: 'text', text: 'x' }], { finishReason: { unified, raw: undefined } }),
    })
    expect((await provider(model).prepareChat(CHAT).send()).finishReason).toBe(finishReason)
  })

  test.each([
    ['error', 'upstream_error'],
    ['interrupted', 'stream_truncated'],
  ] as const)('finish %s is no answer', async (unified, code) => {
    const finish = { ...FINISH, finishReason: { unified, raw: undefined } }
    expect((await providerErrorOf(streaming([{ type: 'text-delta', id: '0', delta: 'x' }, finish]).result)).code).toBe(
      code,
    )
  })

  test('another model than the one that was asked is an error', async () => {
    const model = scriptedModel({
      generate: async () => answer([{ type: 'text', text: 'x' }], { response: { modelId: 'cheaper' } }),
    })
    expect(await providerErrorOf(provider(model).prepareChat(CHAT).send())).toMatchObject({ reason: 'model_mismatch' })
  })
})

describe('failures', () => {
  const response = { url: `https://x/${MARKER}`, requestBodyValues: { prompt: MARKER }, responseBody: MARKER }
  test.each([
    ['a response', new APICallError({ ...response, message: MARKER, statusCode: 429 }), 'rate_limited', true],
    ['a bad success', new APICallError({ ...response, message: MARKER, statusCode: 200 }), 'protocol', false],
    ['no response', new APICallError({ ...response, message: MARKER, isRetryable: true }), 'network', true],
    ['a missing key', new LoadAPIKeyError({ message: MARKER }), 'invalid_config', false],
    ['a missing feature', new UnsupportedFunctionalityError({ functionality: MARKER }), 'not_supported', false],
    ['a broken model', new TypeError(MARKER), 'protocol', false],
    ['something thrown', MARKER, 'protocol', false],
  ])('%s has its code, and no text of prompt or body', async (_, thrown, code, retryable) => {
    const model = scriptedModel({ generate: () => Promise.reject(thrown) })
    const error = await providerErrorOf(provider(model).prepareChat(CHAT).send())
    expect(error).toMatchObject({ code, retryable })
    expect(everyForm(error)).not.toContain(MARKER)
  })

  test('a stream that fails after its first text is not asked for again, and keeps what came', async () => {
    for (const error of [new Error(MARKER), { message: 'busy', code: 503 }]) {
      const { model, result } = streaming([
        { type: 'text-delta', id: '0', delta: 'half' },
        { type: 'error', error },
      ])
      const failure = await providerErrorOf(result)
      expect(failure.partialText).toBe('half')
      expect(everyForm(failure)).not.toContain(MARKER)
      expect(model.calls).toHaveLength(1)
    }
  })

  test('an error inside a success is what it says', async () => {
    const responseBody = '{"error":{"message":"slow down","code":"rate_limit_exceeded"}}'
    const thrown = new APICallError({ ...response, message: MARKER, statusCode: 200, responseBody })
    for (const stream of [true, false]) {
      const model = scriptedModel({ generate: () => Promise.reject(thrown) })
      const failing = { ...model, doStream: () => Promise.reject(thrown) }
      const error = await providerErrorOf(
        provider(failing)
          .prepareChat({ ...CHAT, stream })
          .send(),
      )
      expect(error).toMatchObject({ code: 'rate_limited', retryable: true })
    }
  })

  test('a stream that just ends is truncated, by whatever name the SDK gives it', async () => {
    const half = { type: 'text-delta', id: '0', delta: 'half' } as const
    const error = new InvalidResponseDataError({ data: undefined, message: MARKER })
    for (const parts of [[half], [half, { type: 'error', error }, FINISH]] as const) {
      expect((await providerErrorOf(streaming(parts).result)).code).toBe('stream_truncated')
    }
  })

  test.each([true, false])('an abort wins over a model that does not heed it (stream %s)', async (stream) => {
    let cancelled = false
    const model = scriptedModel({
      generate: () => new Promise(() => {}),
      stream: () => [{ type: 'text-delta', id: '0', delta: 'x' }],
      hang: true,
      onCancel: () => (cancelled = true),
    })
    const abort = new AbortController()
    const pending = provider(model)
      .prepareChat({ ...CHAT, stream })
      .send({ signal: abort.signal })
    await new Promise((resolve) => setTimeout(resolve, 10))
    abort.abort()
    expect((await providerErrorOf(pending)).code).toBe('aborted')
    expect(cancelled).toBe(stream)
  })

  test('a model that never answers is given up after the total time', async () => {
    const context = createTestContext({ baseUrl: 'http://127.0.0.1:8080' })
    const model = scriptedModel({ generate: () => new Promise(() => {}) })
    const client = createModelProvider(model, { provider_id: 'one', timeouts: { total_ms: 20 } }, context)
    const error = await providerErrorOf(client.prepareChat(CHAT).send())
    expect(error).toMatchObject({ code: 'timeout', phase: 'total', retryable: false })
    expect(context.pendingTimers).toBe(0)
  })

  test('what is no stream in place of one is a protocol error, and leaves no timer', async () => {
    const context = createTestContext({ baseUrl: 'http://127.0.0.1:8080' })
    const model = { ...scriptedModel({}), doStream: async () => JSON.parse('{"stream":"none"}') }
    const client = createModelProvider(model, { provider_id: 'one', max_retries: 0 }, context)
    const error = await providerErrorOf(client.prepareChat({ ...CHAT, stream: true }).send())
    expect(error.code).toBe('protocol')
    expect(context.pendingTimers).toBe(0)
  })

  test('whatever parts come in whatever order, it ends with a result or a ProviderError', async () => {
    const id = fc.constantFrom('a', 'b')
    const part = fc.oneof(
      fc.record({ type: fc.constantFrom('text-delta', 'reasoning-delta', 'tool-input-delta'), id, delta: fc.string() }),
      fc.record({ type: fc.constant('tool-input-start'), id, toolName: fc.constantFrom('look', 'x') }),
      fc.record({ type: fc.constant('tool-call'), toolCallId: id, toolName: fc.string(), input: fc.json() }),
      fc.record({ type: fc.constant('error'), error: fc.anything() }),
      fc.record({ type: fc.string(), finishReason: fc.anything(), usage: fc.anything(), warnings: fc.anything() }),
      fc.constant(FINISH),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part), async (parts) => {
        // What a model of plain JavaScript may send, whatever the types say.
        const sent: LanguageModelV4StreamPart[] = JSON.parse(JSON.stringify(parts))
        const result = streaming(sent, { tools: [LOOK] }).result
        await result.catch(() => providerErrorOf(result))
      }),
      { seed: 20_261_121, numRuns: 300 },
    )
  })
})

test('a stream that ends without a reason of the server is an error, never a shorter success', async () => {
  const parts: readonly LanguageModelV4StreamPart[] = [
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'AB' },
    { ...FINISH, finishReason: { unified: 'other', raw: undefined } },
  ]
  expect(await providerErrorOf(streaming(parts).result)).toMatchObject({
    code: 'stream_truncated',
    reason: 'no_reason',
    partialText: 'AB',
  })
})
