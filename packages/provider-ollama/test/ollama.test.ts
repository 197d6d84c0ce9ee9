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

describe('models that run elsewhere', () => {
  const listed = json({ models: [{ name: 'shadow:latest', remote_host: 'https://ollama.com' }] })

  test.each(['gpt-oss:120b-cloud', 'big:cloud', 'big:CLOUD'])(
    '%s is refused by its name while the provider counts as local',
    async (model) => {
      const { client, requests } = memoryClient([])
      for (const use of [
        () => client.prepareChat({ ...CHAT, model }),
        () => client.prepareCompletion({ model, prompt: 'x' }),
        () => client.embed({ model, input: ['x'] }),
        () => client.load(model),
      ]) {
        expect(await providerErrorOf(use)).toMatchObject({ code: 'ssrf_blocked', reason: 'tier_mismatch', attempts: 0 })
      }
      expect(requests).toHaveLength(0)
    },
  )

  test('so is one the server has named as such', async () => {
    const { client } = memoryClient([listed])
    await client.listModels()
    expect(await providerErrorOf(() => client.prepareChat({ ...CHAT, model: 'shadow' }))).toMatchObject({
      reason: 'tier_mismatch',
    })
    expect(client.prepareChat(CHAT).body.length).toBeGreaterThan(0)
  })

  test('what is learnt after a call was prepared keeps it from being sent', async () => {
    const { client, requests } = memoryClient([listed])
    const call = client.prepareChat({ ...CHAT, model: 'shadow' })
    await client.listModels()
    expect(await providerErrorOf(call.send())).toMatchObject({ reason: 'tier_mismatch', attempts: 0 })
    expect(requests).toHaveLength(1)
  })

  test('an answer that names another machine is no local answer, and the next prompt stays here', async () => {
    const { client, requests } = memoryClient([
      json({ ...said('a', END), model: 'shadow', remote_model: 'big', remote_host: 'https://ollama.com' }),
    ])
    const call = client.prepareChat({ ...CHAT, model: 'shadow', stream: false })
    expect(await providerErrorOf(call.send())).toMatchObject({ reason: 'tier_mismatch', attempts: 1, retryable: false })
    expect(await providerErrorOf(call.send())).toMatchObject({ reason: 'tier_mismatch', attempts: 0 })
    expect(requests).toHaveLength(1)
  })

  test('a provider that counts as cloud may use them', async () => {
    const { client } = memoryClient([listed], { tier: 'cloud' })
    await client.listModels()
    expect(client.prepareChat({ ...CHAT, model: 'shadow' }).body.length).toBeGreaterThan(0)
  })
})

describe('models', () => {
  const entry = {
    name: 'llama3.2:latest',
    model: 'llama3.2:latest',
    size: 9,
    digest: 'abc123',
    details: { parameter_size: '3.2B' },
  }

  test('tags, running models and one model', async () => {
    const { client, requests } = memoryClient([
      json({ models: [entry, { name: 'big:cloud', digest: 'd', remote_host: 'https://ollama.com' }] }),
      json({ models: [{ ...entry, size_vram: 7, context_length: 4096 }] }),
      json({
        details: { parameter_size: '3.2B' },
        model_info: { 'llama.context_length': 131_072 },
        capabilities: ['completion', 'tools'],
      }),
      json({ models: [entry] }),
    ])
    expect(await client.listModels()).toEqual([
      { id: 'llama3.2:latest', digest: 'abc123', sizeBytes: 9, parameterSize: '3.2B', remote: false },
      { id: 'big:cloud', digest: 'd', remote: true },
    ])
    expect(await client.listRunning()).toMatchObject([{ id: 'llama3.2:latest', vramBytes: 7, contextTokens: 4096 }])
    expect(await client.showModel('llama3.2')).toEqual({
      id: 'llama3.2',
      digest: 'abc123',
      contextTokens: 131_072,
      parameterSize: '3.2B',
      capabilities: ['completion', 'tools'],
      remote: false,
    })
    expect(requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toEqual([
      'GET /api/tags',
      'GET /api/ps',
      'POST /api/show',
      'GET /api/tags',
    ])
  })

  test('the digest is recorded with a call once the server has named it', async () => {
    const { client } = memoryClient([json(said('a', END)), json({ models: [entry] }), json(said('a', END))])
    const call = client.prepareChat({ ...CHAT, stream: false })
    expect((await call.send()).modelDigest).toBeUndefined()
    await client.listModels()
    expect((await call.send()).modelDigest).toBe('abc123')
  })

  test('the size of context in the registry entry is sent with every call, and a request may ask for another', async () => {
    const models = [{ model_id: 'llama3.2', max_context_tokens: 16_384 }]
    const { client, requests } = memoryClient([json({ done: true, done_reason: 'load' })], { models })
    const sizeIn = (body: Uint8Array) => JSON.parse(Buffer.from(body).toString()).options.num_ctx
    expect(sizeIn(client.prepareChat(CHAT).body)).toBe(16_384)
    expect(sizeIn(client.prepareChat({ ...CHAT, contextTokens: 2048 }).body)).toBe(2048)
    expect(sizeIn(client.prepareCompletion({ model: 'llama3.2', prompt: 'x' }).body)).toBe(16_384)
    await client.load('llama3.2')
    expect(bodyOf(requests[0])).toMatchObject({ options: { num_ctx: 16_384 } })
  })

  test('loading waits for the server to confirm it', async () => {
    const { client, requests } = memoryClient([
      json({ done: true, done_reason: 'load' }),
      json({ done: true, done_reason: 'stop' }),
    ])
    await client.load('llama3.2', { keepAlive: '10m', contextTokens: 8192 })
    expect(bodyOf(requests[0])).toEqual({
      model: 'llama3.2',
      stream: false,
      keep_alive: '10m',
      options: { num_ctx: 8192 },
    })
    expect((await providerErrorOf(client.load('llama3.2'))).code).toBe('protocol')
  })

  test('unloading waits until the model is gone', async () => {
    const running = json({ models: [entry] })
    const { client, requests } = memoryClient([
      json({ done: true, done_reason: 'unload' }),
      running,
      running,
      json({ models: [] }),
    ])
    await client.unload('llama3.2')
    expect(bodyOf(requests[0])).toEqual({ model: 'llama3.2', stream: false, keep_alive: 0 })
    expect(requests).toHaveLength(4)
  })

  test('a model that stays is an error after a while', async () => {
    const running = json({ models: [entry] })
    const { client } = memoryClient([
      json({ done: true, done_reason: 'unload' }),
      ...Array.from({ length: 200 }, () => running),
    ])
    expect(await providerErrorOf(client.unload('llama3.2'))).toMatchObject({ code: 'conflict', reason: 'still_loaded' })
  })

  test('embeddings forbid the silent cut as well', async () => {
    const { client, requests } = memoryClient([
      json({
        model: 'm',
        embeddings: [
          [1, 0],
          [0, 1],
        ],
        prompt_eval_count: 8,
      }),
      json({ embeddings: [[1]] }),
    ])
    expect(await client.embed({ model: 'm', input: ['a', 'b'] })).toMatchObject({
      embeddings: [
        [1, 0],
        [0, 1],
      ],
      usage: { inputTokens: 8, complete: true },
    })
    expect(bodyOf(requests[0])).toEqual({ model: 'm', input: ['a', 'b'], truncate: false })
    expect((await providerErrorOf(client.embed({ model: 'm', input: ['a', 'b'] }))).code).toBe('protocol')
  })

  test('health is the version', async () => {
    expect(await memoryClient([json({ version: '0.32.9' })]).client.health()).toEqual({
      ready: true,
      state: 'ready',
      version: '0.32.9',
    })
    expect(await memoryClient([json({})]).client.health()).toMatchObject({ ready: false, state: 'error' })
  })
})
