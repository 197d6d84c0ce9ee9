import { APICallError } from '@ai-sdk/provider'
import type { LanguageModelV4 } from '@ai-sdk/provider'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { bytesHash } from '@ctxlock/core-hash'
import { providerErrorOf, startFakeServer } from '@ctxlock/plugin-api/testing'
import type { Script } from '@ctxlock/plugin-api/testing'
import { createTestContext } from '@ctxlock/provider-kit/testing'
import { generateText, streamText, wrapLanguageModel } from 'ai'
import { expect, test } from 'vitest'

import { createCallMiddleware, createCheckedFetch } from '../src/middleware.ts'
import type { CallGovernor, CallOutcome, OutgoingCall } from '../src/middleware.ts'
import { answer, scriptedModel, STOP, UNKNOWN_USAGE } from './scripted-model.ts'

/** Keeps what happened, in its order. */
function ledger(refusal?: Error) {
  const events: string[] = []
  const calls: OutgoingCall[] = []
  const outcomes: CallOutcome[] = []
  const governor: CallGovernor = {
    async begin(call) {
      calls.push(call)
      if (refusal) throw refusal
      events.push('begun')
      return {
        callId: `call-${calls.length}`,
        settle: async (outcome) => {
          events.push(outcome.status)
          outcomes.push(outcome)
        },
      }
    },
  }
  return { events, calls, outcomes, governor }
}

function governed(model: LanguageModelV4, { governor }: ReturnType<typeof ledger>) {
  return wrapLanguageModel({ model, middleware: createCallMiddleware(governor) })
}

const TEXT = { type: 'text-delta', id: '0', delta: 'yes' } as const
const FINISH = { type: 'finish', finishReason: STOP, usage: UNKNOWN_USAGE } as const

test('a call is begun before the model is asked and settled before the application hears of it', async () => {
  const book = ledger()
  const model = scriptedModel({
    generate: async () => {
      book.events.push('asked')
      return answer([{ type: 'text', text: 'yes' }], { response: { modelId: 'm1-2026' } })
    },
  })
  const result = await generateText({ model: governed(model, book), prompt: 'Is it?' })
  expect(result.text).toBe('yes')
  expect(result.providerMetadata?.['ctxlock']).toEqual({ callId: 'call-1' })
  expect(book.events).toEqual(['begun', 'asked', 'answered'])
  expect(book.outcomes).toEqual([
    {
      status: 'answered',
      text: 'yes',
      finishReason: 'stop',
      responseModel: 'm1-2026',
      usage: {
        inputTokens: undefined,
        outputTokens: undefined,
        cachedInputTokens: undefined,
        reasoningTokens: undefined,
      },
    },
  ])
})

test('a stream is settled once, before its end is seen', async () => {
  const book = ledger()
  const model = scriptedModel({
    stream: () => [{ type: 'text-start', id: '0' }, TEXT, { type: 'text-end', id: '0' }, FINISH],
  })
  const { textStream, finishReason, providerMetadata } = streamText({ model: governed(model, book), prompt: 'Is it?' })
  let text = ''
  for await (const piece of textStream) text += piece
  expect(await providerMetadata).toEqual({ ctxlock: { callId: 'call-1' } })
  expect([text, await finishReason]).toEqual(['yes', 'stop'])
  expect(book.events).toEqual(['begun', 'answered'])
})

test.each(['generate', 'stream'] as const)('a refusal reaches the application and not the model (%s)', async (form) => {
  const book = ledger(Object.assign(new Error('no'), { code: 'HSK-403-LOCKED' }))
  const model = scriptedModel({})
  const call = { prompt: [] }
  const wrapped = governed(model, book)
  await expect(form === 'stream' ? wrapped.doStream(call) : wrapped.doGenerate(call)).rejects.toThrow('no')
  expect(model.calls).toHaveLength(0)
})

test('a record that cannot be settled fails the call', async () => {
  const model = scriptedModel({ generate: async () => answer([{ type: 'text', text: 'yes' }]) })
  const full: CallGovernor = {
    begin: async () => ({ callId: 'c', settle: () => Promise.reject(new Error('disk full')) }),
  }
  const wrapped = wrapLanguageModel({ model, middleware: createCallMiddleware(full) })
  await expect(wrapped.doGenerate({ prompt: [] })).rejects.toThrow('disk full')
})

test('failures and cancellations are settled as what they are, by codes', async () => {
  const http = new APICallError({ message: 'secret words', url: 'u', requestBodyValues: {}, statusCode: 429 })
  const unreadable = new APICallError({ message: 'secret words', url: 'u', requestBodyValues: {}, statusCode: 200 })
  for (const [thrown, code] of [
    [http, 'http_429'],
    [unreadable, 'protocol'],
    [new TypeError('secret words'), 'protocol'],
  ] as const) {
    const book = ledger()
    const model = scriptedModel({ generate: () => Promise.reject(thrown) })
    await expect(governed(model, book).doGenerate({ prompt: [] })).rejects.toBe(thrown)
    expect(book.outcomes).toEqual([{ status: 'failed', code }])
  }
  const parts = [
    [[TEXT], { status: 'failed', code: 'stream_truncated' }],
    [[TEXT, { type: 'error', error: http }, FINISH], { status: 'failed', code: 'http_429' }],
    [[TEXT, { type: 'error', error: { message: 'boom' } }, FINISH], { status: 'failed', code: 'stream_error' }],
  ] as const
  for (const [stream, outcome] of parts) {
    const book = ledger()
    const result = await governed(scriptedModel({ stream: () => stream }), book).doStream({ prompt: [] })
    for await (const _ of result.stream);
    expect(book.outcomes).toMatchObject([outcome])
  }
  const book = ledger()
  const result = await governed(scriptedModel({ stream: () => [TEXT], hang: true }), book).doStream({ prompt: [] })
  for await (const _ of result.stream) break
  expect(book.outcomes).toEqual([{ status: 'cancelled', code: 'aborted' }])
})

test('every text is seen by its place, with the system prompt apart and other files counted', async () => {
  const book = ledger()
  const model = scriptedModel({ generate: async () => answer([{ type: 'text', text: 'yes' }]) })
  await governed(model, book).doGenerate({
    prompt: [
      { role: 'system', content: 'be kind' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'file', mediaType: 'text/plain', data: { type: 'data', data: Buffer.from('plain words') } },
          { type: 'file', mediaType: 'application/json', data: { type: 'data', data: btoa('{"a":1}') } },
          { type: 'file', mediaType: 'image/png', data: { type: 'data', data: new Uint8Array([1, 2]) } },
          { type: 'file', mediaType: 'image/png', data: { type: 'url', url: new URL('https://x.example/a.png') } },
        ],
      },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: 'c',
            toolName: 'read',
            output: { type: 'json', value: { lines: ['deep'] } },
          },
        ],
      },
    ],
    tools: [{ type: 'function', name: 'read', description: 'reads', inputSchema: { type: 'object' } }],
    headers: { authorization: 'Bearer k-secret' },
  })
  const [call] = book.calls
  const textsAt = (wanted: string) => call?.texts.flatMap(({ place, text }) => (place === wanted ? [text] : []))
  expect(textsAt('prompt/1/content/1')).toEqual(['plain words'])
  expect(textsAt('prompt/1/content/2')).toEqual(['{"a":1}'])
  expect(textsAt('prompt/2/content/0')).toContain('deep')
  expect(textsAt('options/tools/0')).toContain('reads')
  expect(call?.texts.filter(({ isInstruction }) => isInstruction).map(({ text }) => text)).toEqual(['be kind'])
  expect(call?.opaqueParts).toBe(2)
  const body = Buffer.from(call?.body ?? []).toString()
  expect(body).toContain('"headers":["authorization"]')
  expect(body).not.toContain('k-secret')
  expect(body).toContain(Buffer.from([1, 2]).toString('base64'))
})

test('what was judged is what the model gets, whatever the caller does in between', async () => {
  const bytes = Buffer.from('harmless')
  const file = { type: 'file' as const, mediaType: 'text/plain', data: { type: 'data' as const, data: bytes } }
  const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'harmless' }, file] }]
  const model = scriptedModel({ generate: async () => answer([{ type: 'text', text: 'yes' }]) })
  const governor: CallGovernor = {
    async begin() {
      prompt[0]?.content.push({ type: 'text', text: 'smuggled' })
      bytes.write('smuggled')
      return { callId: 'c', settle: async () => {} }
    },
  }
  await wrapLanguageModel({ model, middleware: createCallMiddleware(governor) }).doGenerate({ prompt })
  expect(model.calls[0]?.prompt).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'harmless' },
        { ...file, data: { type: 'data', data: new Uint8Array(Buffer.from('harmless')) } },
      ],
    },
  ])
})

test('a call that cannot be written down is not made', async () => {
  const book = ledger()
  const model = scriptedModel({})
  const call = { prompt: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'half \ud83e' }] }] }
  const wrapped = governed(model, book)
  expect(await providerErrorOf(() => wrapped.doGenerate(call))).toMatchObject({ code: 'invalid_request', attempts: 0 })
  expect([model.calls, book.calls]).toEqual([[], []])
})

const ANSWER: Script = () => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: [{ bytes: '{"model":"m1","choices":[{"message":{"content":"yes"},"finish_reason":"stop"}]}' }],
})

test('with the checked fetch the wire bytes are named, and a model without it is handed nothing', async () => {
  const server = await startFakeServer(ANSWER)
  const book = ledger()
  const context = createTestContext({ baseUrl: server.origin })
  const checkedFetch = createCheckedFetch(context.egress, context.secret)
  const middleware = createCallMiddleware(book.governor, { checkedFetch, timers: context.timers })
  const made = (fetch?: typeof globalThis.fetch) =>
    createOpenAICompatible({ name: 'x', baseURL: `${server.origin}/v1`, ...(fetch && { fetch }) })('m1')
  // The order of the caller's members stays, so the wire writes these arguments otherwise than the record.
  const input = { zebra: `z${'-'.repeat(80)}`, apple: 'a' }
  const prompt = [
    { role: 'assistant' as const, content: [{ type: 'tool-call' as const, toolCallId: 'c', toolName: 't', input }] },
  ]

  const result = await wrapLanguageModel({ model: made(checkedFetch.fetch), middleware }).doGenerate({ prompt })
  const sent = server.requests[0]?.body ?? new Uint8Array()
  expect(Buffer.from(sent).toString()).toContain('{\\"zebra\\"')
  expect(result.providerMetadata?.['ctxlock']).toEqual({
    callId: 'call-1',
    wire: { sha256: bytesHash(sent), bytes: sent.length },
  })

  const own = wrapLanguageModel({ model: made(), middleware })
  expect(await providerErrorOf(() => own.doGenerate({ prompt }))).toMatchObject({ reason: 'own_network' })
  expect(server.requests.slice(1).map(({ body }) => Buffer.from(body).toString())).toEqual([
    '{"model":"m1","messages":[{"role":"user","content":"rehearsal"}]}',
  ])
  expect(book.calls).toHaveLength(1)
  await context.egress.close()
  await server.close()
})
