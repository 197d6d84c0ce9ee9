import type { ChatRequest } from '@ctxlock/contracts/provider'
import { providerErrorOf } from '@ctxlock/plugin-api/testing'
import { describe, expect, test } from 'vitest'

import { bodyOf, END, json, lines, memoryClient, said } from './memory-client.ts'

const CHAT: ChatRequest = { model: 'llama3.2', messages: [{ role: 'user', content: 'hi' }] }
const TOOLS = [
  { name: 'look', parameters: { type: 'object', properties: { at: { type: 'string' } }, required: ['at'] } },
]

describe('request bodies', () => {
  test('always forbid the silent cut of the prompt', () => {
    const { client } = memoryClient([])
    const { method, url, body } = client.prepareChat({ ...CHAT, stream: false })
    expect({ method, url, body: Buffer.from(body).toString() }).toEqual({
      method: 'POST',
      url: 'http://127.0.0.1:11434/api/chat',
      body: '{"messages":[{"content":"hi","role":"user"}],"model":"llama3.2","shift":false,"stream":false,"truncate":false}',
    })
    expect(bodyOf(client.prepareCompletion({ model: 'llama3.2', prompt: 'once' }))).toEqual({
      model: 'llama3.2',
      prompt: 'once',
      stream: false,
      truncate: false,
      shift: false,
    })
  })

  test('every option has its place', () => {
    const { client } = memoryClient([])
    const asked = {
      contextTokens: 8192,
      maxOutputTokens: 9,
      temperature: 0,
      topP: 0.5,
      seed: 7,
      stop: ['\n'],
      reasoning: 'low',
      keepAlive: '10m',
    } as const
    expect(bodyOf(client.prepareChat({ ...CHAT, ...asked }))).toMatchObject({
      options: { num_ctx: 8192, num_predict: 9, temperature: 0, top_p: 0.5, seed: 7, stop: ['\n'] },
      think: 'low',
      keep_alive: '10m',
      stream: true,
    })
  })

  test('formats, tools, calls and results', () => {
    const { client } = memoryClient([])
    const schema = { type: 'object' }
    expect(bodyOf(client.prepareChat({ ...CHAT, responseFormat: { type: 'json' } }))).toMatchObject({ format: 'json' })
    expect(
      bodyOf(client.prepareChat({ ...CHAT, responseFormat: { type: 'json_schema', name: 'r', schema } })),
    ).toMatchObject({ format: schema })
    expect(bodyOf(client.prepareChat({ ...CHAT, tools: TOOLS, toolChoice: 'none' }))).not.toHaveProperty('tools')
    const messages = [
      { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'look', arguments: { at: 'x' } }] },
      { role: 'tool', content: 'r', toolCallId: 'c1', toolName: 'look' },
    ] as const
    expect(bodyOf(client.prepareChat({ ...CHAT, messages, tools: TOOLS }))).toMatchObject({
      tools: [{ type: 'function', function: { name: 'look' } }],
      messages: [
        {
          role: 'assistant',
          content: '',
          tool_calls: [{ id: 'c1', function: { name: 'look', arguments: { at: 'x' } } }],
        },
        { role: 'tool', content: 'r', tool_name: 'look', tool_call_id: 'c1' },
      ],
    })
  })
})

describe('answers', () => {
  const chat = (response: ReturnType<typeof json>, asked: Partial<ChatRequest> = {}) =>
    memoryClient([response])
      .client.prepareChat({ ...CHAT, stream: false, ...asked })
      .send()

  test('a whole chat, with its counts and times', async () => {
    const times = { total_duration: 5_000_000_000, load_duration: 1_000_000, prompt_eval_duration: 300_000_000 }
    expect(await chat(json(said('ok', { ...END, ...times })))).toMatchObject({
      text: 'ok',
      finishReason: 'stop',
      usage: {
        inputTokens: 5,
        outputTokens: 2,
        totalTokens: 7,
        cachedInputTokens: null,
        source: 'provider',
        complete: true,
      },
      meta: { totalMs: 5000, loadMs: 1, promptMs: 300 },
      warnings: [],
    })
  })

  test('a completion', async () => {
    const { client } = memoryClient([json({ model: 'llama3.2', response: 'Because.', ...END })])
    expect(await client.prepareCompletion({ model: 'llama3.2', prompt: 'Why?' }).send()).toMatchObject({
      text: 'Because.',
      finishReason: 'stop',
    })
  })

  test('counts that are left out are unknown, not zero', async () => {
    const result = await chat(json(said('ok', { done: true, done_reason: 'stop', eval_count: 2 })))
    expect(result.usage).toMatchObject({ inputTokens: null, outputTokens: 2, totalTokens: null, complete: false })
  })

  test.each([
    ['length', 'length'],
    ['', 'unknown'],
    [undefined, 'unknown'],
    ['load', 'unknown'],
  ])('done_reason %j is %s', async (reason, finishReason) => {
    expect(await chat(json(said('x', { ...END, done_reason: reason })))).toMatchObject({ finishReason })
  })

  test('thinking is kept apart', async () => {
    const response = json({ model: 'llama3.2', message: { content: '42', thinking: 'hmm' }, ...END })
    expect(await chat(response, { reasoning: true })).toMatchObject({ text: '42', reasoning: 'hmm' })
  })

  test('tool calls: objects, no ids, and the reason stop', async () => {
    const call = { function: { name: 'look', arguments: { at: 'x' } } }
    const result = await chat(json({ model: 'llama3.2', message: { content: '', tool_calls: [call, call] }, ...END }), {
      tools: TOOLS,
    })
    expect(result).toMatchObject({
      finishReason: 'tool_calls',
      toolCalls: [{ id: 'call_0', arguments: { at: 'x' } }, { id: 'call_1' }],
    })
  })

  test('a demanded tool that was not called is an error, since the server cannot be asked for it', async () => {
    expect((await providerErrorOf(chat(json(said('no', END)), { tools: TOOLS, toolChoice: 'required' }))).code).toBe(
      'tool_choice_not_honoured',
    )
  })

  test('a prompt that the server cut although it was told not to is warned about', async () => {
    const messages = [{ role: 'user', content: 'word '.repeat(5000) }] as const
    expect((await chat(json(said('?', { ...END, prompt_eval_count: 2050 })), { messages })).warnings).toEqual([
      'prompt_truncated_by_server',
    ])
  })

  test.each([
    ['no message', json({ model: 'llama3.2', done: true }), 'protocol'],
    ['the beginning of an answer', json({ ...said('a'), done: false }), 'stream_truncated'],
    ['a format that was ignored', json(said('Sure! Yes.', END)), 'output_invalid'],
    ['an error under HTTP 200', json({ error: 'it broke' }), 'upstream_error'],
    ['a model that is not there', json({ error: "model 'llama3.2' not found" }, 404), 'model_not_found'],
    [
      'a prompt that is too long',
      json({ error: 'the prompt is longer than the context length currently available to the model' }, 400),
      'context_overflow',
    ],
    [
      'a full queue',
      json({ error: 'server busy, please try again.  maximum pending requests exceeded' }, 503),
      'overloaded',
    ],
  ])('%s', async (_, response, code) => {
    const error = await providerErrorOf(chat(response, { responseFormat: { type: 'json' } }))
    expect(error.code).toBe(code)
  })

  test('the numbers of an overflow come through the layers the server wraps them in', async () => {
    const inner = {
      error: {
        code: 400,
        message: 'request (9014 tokens) exceeds the available context size (2048 tokens)',
        type: 'exceed_context_size_error',
        n_prompt_tokens: 9014,
        n_ctx: 2048,
      },
    }
    const error = await providerErrorOf(chat(json({ error: JSON.stringify(inner) }, 400)))
    expect(error).toMatchObject({
      code: 'context_overflow',
      status: 400,
      details: { promptTokens: 9014, contextTokens: 2048 },
    })
  })
})

describe('streams', () => {
  const stream = (response: ReturnType<typeof lines>, asked: Partial<ChatRequest> = {}) =>
    memoryClient([response])
      .client.prepareChat({ ...CHAT, ...asked })
      .send()

  test('lines add up, and what follows the last one is ignored', async () => {
    expect(await stream(lines(said('a'), said('b'), said('', END), said('IGNORED')))).toMatchObject({
      text: 'ab',
      finishReason: 'stop',
      usage: { outputTokens: 2 },
    })
  })

  test.each([
    ['ends early', lines(said('a'), said('b')), 'stream_truncated', 'ab'],
    [
      'breaks off inside a line',
      { ...lines(), chunks: [...lines(said('a')).chunks, '{"model":"llama3.2","mess'] },
      'stream_truncated',
      'a',
    ],
    ['holds a line that is not JSON', lines(said('a'), '{"model":', said('b'), said('', END)), 'protocol', 'a'],
    [
      'reports an error',
      lines(said('a'), { error: 'an error was encountered while running the model' }),
      'stream_error',
      'a',
    ],
  ])('a stream that %s', async (_, response, code, partialText) => {
    expect(await providerErrorOf(stream(response))).toMatchObject({ code, partialText })
  })

  test('tool calls on a line before the last', async () => {
    const call = { id: 'c1', function: { index: 0, name: 'look', arguments: { at: 'x' } } }
    const response = lines(
      { model: 'llama3.2', message: { content: '', tool_calls: [call] }, done: false },
      said('', END),
    )
    expect(await stream(response, { tools: TOOLS })).toMatchObject({
      finishReason: 'tool_calls',
      toolCalls: [{ id: 'c1', name: 'look' }],
    })
  })

  test('a whole answer instead of a stream, and a stream instead of a whole answer', async () => {
    expect(await stream(json(said('a', END)))).toMatchObject({ text: 'a', warnings: ['stream_not_honoured'] })
    const relabelled = { ...lines(said('a'), said('b', END)), headers: { 'content-type': 'application/json' } }
    expect(await stream(relabelled)).toMatchObject({ text: 'ab', warnings: [] })
    expect(await stream(relabelled, { stream: false })).toMatchObject({ text: 'ab', warnings: ['unexpected_stream'] })
  })
})
