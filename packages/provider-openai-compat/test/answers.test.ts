import type { ChatRequest, StreamEvent } from '@ctxlock/contracts/provider'
import { providerErrorOf } from '@ctxlock/plugin-api/testing'
import type { MemoryResponse } from '@ctxlock/provider-kit/testing'
import { describe, expect, test } from 'vitest'

import type { OpenAiCompatOptions } from '../src/index.ts'
import { answer, delta, events, json, memoryClient } from './memory-client.ts'

const CHAT: ChatRequest = { model: 'm1', messages: [{ role: 'user', content: 'hi there' }] }
const TOOLS = [
  { name: 'look', parameters: { type: 'object', properties: { at: { type: 'string' } }, required: ['at'] } },
]

function chat(
  responses: MemoryResponse | readonly MemoryResponse[],
  asked: Partial<ChatRequest> = {},
  options: Partial<OpenAiCompatOptions> = {},
) {
  const { client } = memoryClient(Array.isArray(responses) ? responses : [responses], options)
  return client.prepareChat({ ...CHAT, stream: false, ...asked }).send()
}

async function stream(response: MemoryResponse, asked: Partial<ChatRequest> = {}) {
  const seen: StreamEvent[] = []
  const { client } = memoryClient([response])
  const result = await client
    .prepareChat({ ...CHAT, ...asked, stream: true })
    .send({ onEvent: (event) => seen.push(event) })
  return { result, seen }
}

describe('whole answers', () => {
  test('what a server calls its model can be recorded: a line of it, nothing of the prompt, or nothing', async () => {
    const said = 'the words of my private diary'
    const asked = { messages: [{ role: 'user' as const, content: said }] }
    const named = async (model: string) => (await chat(json(answer({ content: 'ok' }, { model })), asked)).responseModel
    expect(await named('m2\nlarge')).toBe('m2 large')
    expect(await named(said)).not.toContain('private')
    expect(await named('\n')).toBeNull()
  })

  test('a count that no sum could be made of is unknown', async () => {
    const usage = { prompt_tokens: 9, completion_tokens: Number.MAX_SAFE_INTEGER }
    const result = await chat(json(answer({ content: 'ok' }, { usage })))
    expect(result.usage).toMatchObject({ inputTokens: 9, outputTokens: null, totalTokens: null })
  })

  test('content, usage, fingerprint and headers', async () => {
    const usage = {
      prompt_tokens: 9,
      completion_tokens: 3,
      total_tokens: 12,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 0 },
    }
    const response = json(answer({ content: 'ok' }, { usage, system_fingerprint: 'fp', id: 'x1' }))
    const headers = {
      ...response.headers,
      'x-request-id': 'r1',
      'x-ratelimit-remaining-requests': '7',
      'openai-processing-ms': '12',
    }
    expect(await chat({ ...response, headers })).toMatchObject({
      text: 'ok',
      finishReason: 'stop',
      usage: {
        inputTokens: 9,
        outputTokens: 3,
        totalTokens: 12,
        cachedInputTokens: 4,
        reasoningTokens: 0,
        source: 'provider',
        complete: true,
      },
      responseModel: 'm1',
      warnings: [],
      meta: {
        systemFingerprint: 'fp',
        id: 'x1',
        requestId: 'r1',
        processingMs: '12',
        rateLimits: { 'remaining-requests': '7' },
      },
    })
  })

  test.each([
    ['a list of parts', { content: [{ type: 'text', text: 'a' }, { type: 'image' }, 'b'] }, { text: 'ab' }],
    ['reasoning under one name', { content: 'a', reasoning_content: 'r' }, { reasoning: 'r' }],
    ['reasoning under the other', { content: 'a', reasoning: 'r' }, { reasoning: 'r' }],
    ['reasoning under both', { content: 'a', reasoning: 'r', reasoning_content: 'r' }, { reasoning: 'r' }],
    ['an empty name for reasoning', { content: 'a', reasoning_content: '', reasoning: 'r' }, { reasoning: 'r' }],
    [
      'parts that reason',
      {
        content: [
          { type: 'reasoning', text: 'r' },
          { type: 'thinking', thinking: [{ text: 's' }] },
          { type: 'text', text: 'a' },
        ],
      },
      { text: 'a', reasoning: 'rs' },
    ],
    ['a refusal', { content: null, refusal: 'no' }, { text: 'no', finishReason: 'content_filter' }],
    ['a part that refuses', { content: [{ type: 'refusal', refusal: 'no' }] }, { text: 'no', warnings: ['refusal'] }],
  ])('%s', async (_, message, expected) => expect(await chat(json(answer(message)))).toMatchObject(expected))

  test('usage that is nonsense is unknown', async () => {
    const usage = { prompt_tokens: -1, completion_tokens: '3', total_tokens: 1.5 }
    expect((await chat(json(answer({ content: 'a' }, { usage })))).usage).toMatchObject({
      inputTokens: null,
      outputTokens: null,
      totalTokens: null,
      source: 'none',
    })
  })

  test.each([
    ['arguments as text', { id: 'c', type: 'function', function: { name: 'look', arguments: '{"at":"it"}' } }],
    ['arguments as an object', { id: 'c', function: { name: 'look', arguments: { at: 'it' } } }],
  ])('a tool call with %s', async (_, call) => {
    const result = await chat(json(answer({ content: null, tool_calls: [call] })), { tools: TOOLS })
    expect(result).toMatchObject({
      finishReason: 'tool_calls',
      toolCalls: [{ id: 'c', name: 'look', arguments: { at: 'it' } }],
    })
  })

  test('calls of a whole answer are told apart by their place', async () => {
    const call = (at: string) => ({ index: 0, function: { name: 'look', arguments: `{"at":"${at}"}` } })
    const result = await chat(json(answer({ content: null, tool_calls: [call('a'), call('b')] })), { tools: TOOLS })
    expect(result.toolCalls.map(({ arguments: args }) => args)).toEqual([{ at: 'a' }, { at: 'b' }])
  })

  test.each([[[1, 2]], [5], [false], [[]]])('arguments %j are no empty object', async (args) => {
    const response = json(
      answer({ content: null, tool_calls: [{ id: 'c', function: { name: 'list', arguments: args } }] }),
    )
    const tools = [{ name: 'list', parameters: { type: 'object' } }]
    expect((await providerErrorOf(chat(response, { tools }))).code).toBe('tool_call_invalid')
  })

  test('the function call of older servers', async () => {
    const message = { content: null, function_call: { name: 'look', arguments: '{"at":"it"}' } }
    const result = await chat(json(answer(message, {}, 'function_call')), { tools: TOOLS })
    expect(result).toMatchObject({ finishReason: 'tool_calls', toolCalls: [{ id: 'call_0', name: 'look' }] })
  })

  test.each([
    ['no choices', json({ choices: [] }), 'protocol', 'no_choice'],
    ['a list', json([]), 'protocol', 'not_an_object'],
    ['no JSON', { chunks: ['oops'] }, 'protocol', 'not_json'],
    ['nothing', { status: 204, chunks: [] }, 'protocol', 'not_json'],
    ['a page', { headers: { 'content-type': 'text/html' }, chunks: ['<html>'] }, 'protocol', 'unexpected_content_type'],
    [
      'a stream nobody asked for',
      events(delta({ content: 'a' }, 'stop'), '[DONE]'),
      'protocol',
      'unexpected_content_type',
    ],
    ['an error under HTTP 200', json({ error: { message: 'slow down', code: 429 } }), 'rate_limited', undefined],
  ])('%s', async (_, response, code, reason) => {
    const error = await providerErrorOf(chat(response))
    expect(error.code).toBe(code)
    expect(error.reason).toBe(reason)
  })

  test('a cloud model under another name is an error, unless the name is an alias', async () => {
    const response = json({ ...answer({ content: 'a' }), model: 'm1-2026-01-01' })
    const models = [{ model_id: 'm1', aliases: ['m1-2026-01-01'] }]
    expect((await chat(response)).warnings).toEqual(['model_mismatch'])
    expect(await providerErrorOf(chat(response, {}, { tier: 'cloud' }))).toMatchObject({
      code: 'protocol',
      reason: 'model_mismatch',
    })
    expect((await chat(response, {}, { tier: 'cloud', models })).warnings).toEqual([])
  })

  test('bytes that are no UTF-8 are replaced and reported', async () => {
    const bytes = Buffer.from(JSON.stringify(answer({ content: 'a?b' })))
    bytes[bytes.indexOf('?')] = 0xff
    expect(await chat({ headers: { 'content-type': 'application/json' }, chunks: [bytes] })).toMatchObject({
      text: 'a\uFFFDb',
      warnings: ['invalid_utf8'],
    })
  })

  test('retried failures are announced, and the answer counts them', async () => {
    const notices: string[] = []
    const { client } = memoryClient(
      [json({ error: { message: 'Loading model', code: 503 } }, 503), json(answer({ content: 'ok' }))],
      { max_retries: 1 },
    )
    const result = await client
      .prepareChat({ ...CHAT, stream: false })
      .send({ onRetry: ({ code }) => notices.push(code) })
    expect(result.attempts).toBe(2)
    expect(notices).toEqual(['model_loading'])
  })
})

describe('streamed answers', () => {
  const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 }

  test('text, reasoning and usage', async () => {
    const { result, seen } = await stream(
      events(
        delta({ role: 'assistant', content: null }),
        delta({ reasoning: 'th' }),
        delta({ content: 'a' }),
        delta({ content: 'b' }),
        delta({}, 'stop'),
        { choices: [], usage },
        '[DONE]',
      ),
    )
    expect(result).toMatchObject({
      text: 'ab',
      reasoning: 'th',
      finishReason: 'stop',
      warnings: [],
      usage: { inputTokens: 5, outputTokens: 2, complete: true },
    })
    expect(seen.map(({ text }) => text)).toEqual(['th', 'a', 'b'])
  })

  test('an event without data is a heartbeat', async () => {
    expect((await stream(events('', delta({ content: 'a' }, 'stop'), '', '[DONE]'))).result.warnings).toEqual([])
  })

  test('what follows the end mark is ignored', async () => {
    const { result } = await stream(
      events(delta({ content: 'a' }, 'stop'), '[DONE]', delta({ content: 'IGNORED' }), { error: 'late' }),
    )
    expect(result.text).toBe('a')
  })

  const eventStream = (...chunks: string[]) => ({ headers: { 'content-type': 'text/event-stream' }, chunks })

  test.each([
    [
      'a document under the name of a stream',
      eventStream(JSON.stringify(answer({ content: 'a' }))),
      'stream_not_honoured',
    ],
    [
      'a stream under the name of a document',
      { headers: { 'content-type': 'application/json' }, chunks: events(delta({ content: 'a' }, 'stop')).chunks },
      'missing_done',
    ],
  ])('%s is read as what it is', async (_, response, warning) => {
    expect((await stream(response)).result).toMatchObject({ text: 'a', warnings: [warning] })
  })

  test.each([
    ['under the name of a stream', eventStream('{"error":{"message":"slow down","code":429}}')],
    [
      'behind a comment',
      eventStream(': ping\n\n', '{"error":{"message":"slow down",\n"code":429}}\n\n', 'data: [DONE]\n\n'),
    ],
    ['without a name', { chunks: ['{"error":{"message":"slow down","code":429}}\n'] }],
    ['as a list', json([{ error: { message: 'slow down', code: 429 } }])],
    ['as a list in a stream', events([{ error: { message: 'slow down', code: 429 } }])],
  ])('an error document is read %s', async (_, response) => {
    const error = await providerErrorOf(stream(response))
    expect(error).toMatchObject({ code: 'rate_limited', status: 429 })
    expect(error.message).toContain('slow down')
  })

  test('an empty error beside an answer is none', async () => {
    const response = json(answer({ content: 'a' }, { error: { message: '', code: null } }))
    expect(await chat(response)).toMatchObject({ text: 'a' })
  })

  test.each([
    ['no end mark', events(delta({ content: 'a' }, 'stop')), ['missing_done']],
    ['no reason', events(delta({ content: 'a' }), '[DONE]'), ['missing_finish_reason']],
    ['a whole answer instead', json(answer({ content: 'a' })), ['stream_not_honoured']],
    [
      'an end mark that was cut',
      { ...events(), chunks: [...events(delta({ content: 'a' }, 'stop')).chunks, 'data: [DO'] },
      ['missing_done'],
    ],
  ])('%s is warned about', async (_, response, warnings) => {
    expect((await stream(response)).result).toMatchObject({ text: 'a', warnings })
  })

  test.each([
    ['between two messages', events(delta({ content: 'half' })), true],
    [
      'inside a message',
      { ...events(), chunks: [...events(delta({ content: 'half' })).chunks, 'data: {"choices":[{'] },
      false,
    ],
  ])('a stream that ends %s is truncated', async (_, response, retryable) => {
    expect(await providerErrorOf(stream(response))).toMatchObject({
      code: 'stream_truncated',
      partialText: 'half',
      retryable,
    })
  })

  test.each([
    ['a message that is not JSON', '{oops}', 'protocol'],
    ['a message that is no object', '[1]', 'protocol'],
    ['an error', { error: { code: 502, message: 'provider disconnected' } }, 'upstream_error'],
    ['an error without a status', { error: { message: 'it broke' } }, 'stream_error'],
    ['the finish reason error', delta({ content: '' }, 'error'), 'upstream_error'],
  ])('%s ends the stream and keeps what came', async (_, message, code) => {
    const error = await providerErrorOf(stream(events(delta({ content: 'half' }), message, '[DONE]')))
    expect(error).toMatchObject({ code, partialText: 'half' })
  })

  test.each([
    ['an error event', 'event: error\ndata: {"message":"upstream died","code":500}\n\n', 'server_error'],
    ['an error event of plain text', 'event: error\ndata: upstream died\n\n', 'stream_error'],
    ['an error event without data', 'event: error\n\n', 'stream_error'],
    ['an error field', 'error: {"code":500,"message":"upstream died"}\n\n', 'server_error'],
    ['an error in a choice', 'data: {"choices":[{"index":0,"delta":{},"error":{"code":429}}]}\n\n', 'rate_limited'],
    ['a failed finish', `data: ${JSON.stringify(delta({}, 'insufficient_system_resource'))}\n\n`, 'upstream_error'],
  ])('%s makes no shorter answer, whatever follows', async (_, failure, code) => {
    const [before, after] = [events(delta({ content: 'half' })), events(delta({}, 'stop'), '[DONE]')]
    const response = { ...before, chunks: [...before.chunks, failure, ...after.chunks] }
    expect(await providerErrorOf(stream(response))).toMatchObject({ code, partialText: 'half' })
  })

  test('an error before any text may be repeated', async () => {
    const { client, requests } = memoryClient(
      [events({ error: { code: 503, message: 'overloaded' } }), events(delta({ content: 'a' }, 'stop'), '[DONE]')],
      { max_retries: 1 },
    )
    const result = await client.prepareChat(CHAT).send()
    expect(result).toMatchObject({ text: 'a', attempts: 2 })
    expect(requests[1]?.body).toEqual(requests[0]?.body)
  })

  test('tool calls in fragments', async () => {
    const call = (index: number, members: object) => delta({ tool_calls: [{ index, ...members }] })
    const { result } = await stream(
      events(
        call(1, { id: 'a', type: 'function', function: { name: 'look', arguments: '' } }),
        call(1, { function: { arguments: '{"at":' } }),
        call(2, { id: 'b', function: { name: 'look', arguments: '{"at":"2"}' } }),
        call(1, { function: { arguments: '"1"}' } }),
        delta({}, 'tool_calls'),
        '[DONE]',
      ),
      { tools: TOOLS },
    )
    expect(result.toolCalls.map(({ id, arguments: args }) => [id, args])).toEqual([
      ['a', { at: '1' }],
      ['b', { at: '2' }],
    ])
  })

  test('calls that a server cut off but calls finished are invalid', async () => {
    const cut = delta({ tool_calls: [{ index: 0, id: 'a', function: { name: 'look', arguments: '{"at":"Pa' } }] })
    expect((await providerErrorOf(stream(events(cut, delta({}, 'tool_calls'), '[DONE]'), { tools: TOOLS }))).code).toBe(
      'tool_call_invalid',
    )
    expect((await providerErrorOf(stream(events(cut, delta({}, 'length'), '[DONE]'), { tools: TOOLS }))).code).toBe(
      'tool_call_incomplete',
    )
  })

  test('a server that ignores the output limit is cut', async () => {
    const flood = Array.from({ length: 200 }, () => delta({ content: 'tok ' }))
    const error = await providerErrorOf(stream(events(...flood), { maxOutputTokens: 5 }))
    expect(error.code).toBe('budget_exceeded')
    expect(error.partialText?.startsWith('tok tok')).toBe(true)
  })

  test('an abort from inside a delta stops at once', async () => {
    const abort = new AbortController()
    const { client } = memoryClient([
      events(delta({ content: 'a' }), delta({ content: 'b' }), delta({ content: 'c' }, 'stop'), '[DONE]'),
    ])
    const seen: string[] = []
    const sending = client.prepareChat(CHAT).send({
      signal: abort.signal,
      onEvent: ({ text }) => {
        seen.push(text)
        abort.abort()
      },
    })
    expect(await providerErrorOf(sending)).toMatchObject({ code: 'aborted', partialText: 'a' })
    expect(seen).toEqual(['a'])
  })

  test("an error of the listener is the caller's own and passes through", async () => {
    const { client } = memoryClient([events(delta({ content: 'a' }, 'stop'), '[DONE]')], { max_retries: 2 })
    const sending = client.prepareChat(CHAT).send({
      onEvent: () => {
        throw new RangeError('mine')
      },
    })
    await expect(sending).rejects.toThrow(RangeError)
  })
})
