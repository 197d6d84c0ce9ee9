import type { ChatRequest } from '@ctxlock/contracts/provider'
import { providerErrorOf } from '@ctxlock/plugin-api/testing'
import { describe, expect, test } from 'vitest'

import { apiRoot } from '../src/openai-compat.ts'
import type { OpenAiCompatOptions } from '../src/index.ts'
import { memoryClient } from './memory-client.ts'

const CHAT: ChatRequest = { model: 'm1', messages: [{ role: 'user', content: 'hi' }] }

function bodyOf(request: Partial<ChatRequest>, profile?: OpenAiCompatOptions['profile']): unknown {
  const { client } = memoryClient([], profile === undefined ? {} : { profile })
  return JSON.parse(Buffer.from(client.prepareChat({ ...CHAT, ...request }).body).toString())
}

describe('request bodies', () => {
  test('hold what was asked for and nothing else, in one order of members', () => {
    const { client } = memoryClient([])
    const { method, url, body } = client.prepareChat({ ...CHAT, stream: false })
    expect({ method, url, body: Buffer.from(body).toString() }).toEqual({
      method: 'POST',
      url: 'http://127.0.0.1:8080/v1/chat/completions',
      body: '{"messages":[{"content":"hi","role":"user"}],"model":"m1","stream":false}',
    })
  })

  test('chat streams unless told otherwise, and then asks for usage', () => {
    expect(bodyOf({})).toMatchObject({ stream: true, stream_options: { include_usage: true } })
  })

  test('every sampling option has its name', () => {
    const asked = { maxOutputTokens: 9, temperature: 0, topP: 0.5, seed: 7, stop: ['\n'], reasoning: 'low' } as const
    expect(bodyOf(asked)).toMatchObject({
      max_tokens: 9,
      temperature: 0,
      top_p: 0.5,
      seed: 7,
      stop: ['\n'],
      reasoning_effort: 'low',
    })
  })

  test.each([{ contextTokens: 8192 }, { keepAlive: '5m' }])('%o is refused, not dropped', async (asked) => {
    const { client } = memoryClient([])
    const error = await providerErrorOf(() => client.prepareChat({ ...CHAT, ...asked }))
    expect(error).toMatchObject({ code: 'not_supported', attempts: 0, reason: Object.keys(asked)[0] })
    expect(() => client.prepareCompletion({ model: 'm1', prompt: 'hi', ...asked })).toThrow(error.message)
  })

  test('text goes out as it is: no normalisation, no rounding', () => {
    const content = 'e\u0301 \u0000 🦙 \uFEFF'
    expect(bodyOf({ messages: [{ role: 'user', content }], temperature: 0.1234567890123 })).toMatchObject({
      messages: [{ content }],
      temperature: 0.1234567890123,
    })
  })

  test('tools, calls and results', () => {
    const call = { id: 'c1', name: 'look', arguments: { b: 1, a: [2] } }
    const body = bodyOf({
      tools: [{ name: 'look', description: 'looks', parameters: { type: 'object' } }],
      toolChoice: { name: 'look' },
      messages: [
        { role: 'system', content: 's' },
        { role: 'assistant', content: '', toolCalls: [call] },
        { role: 'tool', content: 'r', toolCallId: 'c1', toolName: 'look' },
        { role: 'assistant', content: 'a' },
      ],
    })
    expect(body).toMatchObject({
      tools: [{ type: 'function', function: { name: 'look', description: 'looks', parameters: { type: 'object' } } }],
      tool_choice: { type: 'function', function: { name: 'look' } },
      messages: [
        { role: 'system', content: 's' },
        {
          role: 'assistant',
          content: '',
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"a":[2],"b":1}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'r' },
        { role: 'assistant', content: 'a' },
      ],
    })
  })

  test('answer formats', () => {
    const schema = { type: 'object' }
    expect(bodyOf({ responseFormat: { type: 'text' } })).toMatchObject({ response_format: { type: 'text' } })
    expect(bodyOf({ responseFormat: { type: 'json' } })).toMatchObject({ response_format: { type: 'json_object' } })
    expect(bodyOf({ responseFormat: { type: 'json_schema', name: 'r', schema, strict: true } })).toMatchObject({
      response_format: { type: 'json_schema', json_schema: { name: 'r', schema, strict: true } },
    })
  })

  test('a completion is a chat with one user message, not streamed', () => {
    const { client } = memoryClient([])
    const { url, body } = client.prepareCompletion({ model: 'm1', prompt: 'once' })
    expect(url).toMatch(/\/v1\/chat\/completions$/)
    expect(JSON.parse(Buffer.from(body).toString())).toEqual({
      model: 'm1',
      messages: [{ role: 'user', content: 'once' }],
      stream: false,
    })
  })

  test.each([
    ['openai', { maxOutputTokens: 5 }, { max_completion_tokens: 5 }, ['max_tokens']],
    [
      'ollama',
      { maxOutputTokens: 5, reasoning: false },
      { max_tokens: 5, reasoning_effort: 'none' },
      ['max_completion_tokens'],
    ],
    ['llamacpp', { reasoning: false }, { chat_template_kwargs: { enable_thinking: false } }, []],
    ['openrouter', { reasoning: true }, { reasoning: { enabled: true } }, []],
    ['openrouter', { reasoning: 'high' }, { reasoning: { effort: 'high' } }, []],
    [
      'lmstudio',
      { responseFormat: { type: 'json' } },
      { response_format: { type: 'json_schema', json_schema: { schema: { type: 'object' } } } },
      [],
    ],
  ] as const)('profile %s with %j', (profile, asked, included, excluded) => {
    const body = bodyOf(asked, profile)
    expect(body).toMatchObject(included)
    for (const member of excluded) expect(body).not.toHaveProperty(member)
  })
})

describe('requests that are refused before anything is sent', () => {
  const CALL = { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'look', arguments: {} }] } as const
  const RESULT = { role: 'tool', content: 'r', toolCallId: 'c1' } as const
  test.each([
    ['no model (T-X-PROV-07)', { model: '  ' }, 'invalid_request'],
    ['no messages', { messages: [] }, 'invalid_request'],
    ['a tool result without its call (PROV-011)', { messages: [RESULT] }, 'invalid_request'],
    ['a tool result before its call (PROV-011)', { messages: [RESULT, CALL] }, 'invalid_request'],
    ['an output limit of nothing', { maxOutputTokens: 0 }, 'invalid_request'],
    ['an output limit in pieces', { maxOutputTokens: 1.5 }, 'invalid_request'],
    ['a temperature below zero', { temperature: -1 }, 'invalid_request'],
    ['a temperature that is no number', { temperature: Number.NaN }, 'invalid_request'],
    ['half a character', { messages: [{ role: 'user', content: '\ud83e' }] }, 'invalid_request'],
    ['a plain switch for reasoning where there is none', { reasoning: true }, 'not_supported'],
  ] as const)('%s', async (_, asked, code) => {
    const { client, requests } = memoryClient([])
    const error = await providerErrorOf(() => client.prepareChat({ ...CHAT, ...asked }))
    expect(error).toMatchObject({ code, attempts: 0 })
    expect(requests).toHaveLength(0)
  })

  test('loading and unloading', async () => {
    const { client } = memoryClient([])
    for (const refused of [client.load('m1'), client.unload('m1'), client.listRunning()]) {
      expect((await providerErrorOf(refused)).code).toBe('not_supported')
    }
  })
})

test.each([
  ['http://h', 'http://h/v1'],
  ['http://h/v1', 'http://h/v1'],
  ['http://h/openai/v1', 'http://h/openai/v1'],
  ['http://h/openai', 'http://h/openai/v1'],
  ['http://h/api/v2', 'http://h/api/v2'],
  ['http://h/v1beta', 'http://h/v1beta'],
  ['http://h/v', 'http://h/v/v1'],
  ['http://h/model-v1', 'http://h/model-v1/v1'],
])('the root of %s is %s', (href, root) => expect(apiRoot(href)).toBe(root))

test.each(['chat/completions', 'completions', 'models', 'embeddings', 'responses'])(
  'the URL of a request is no base URL: %s',
  async (endpoint) => {
    const error = await providerErrorOf(() => memoryClient([], { base_url: `http://127.0.0.1:1/v1/${endpoint}/` }))
    expect(error).toMatchObject({ code: 'invalid_config', attempts: 0 })
    expect(error.message).toContain(`ends in /${endpoint}`)
  },
)

test('a base URL that cannot be used makes no client', async () => {
  const error = await providerErrorOf(() => memoryClient([], { base_url: 'http://user:pw@127.0.0.1/v1' }))
  expect(error).toMatchObject({ code: 'invalid_config', attempts: 0 })
})

test('the profile of a model comes from the registry entry', () => {
  const { client } = memoryClient([], {
    models: [{ model_id: 'm1', max_context_tokens: 8192, parameter_class: 'P7B' }],
  })
  expect(client.profile('m1')).toEqual({
    model_id: 'm1',
    max_context_tokens: 8192,
    model_tier: 'local',
    parameter_class: 'P7B',
  })
  expect(client.profile('other')).toMatchObject({ max_context_tokens: 4096, parameter_class: 'PUnknown' })
})

test.each(['gpt-oss:120b-cloud', 'big:cloud'])(
  '%s on a local server runs elsewhere: no prompt leaves',
  async (model) => {
    const { client, requests } = memoryClient([])
    const uses = [
      () => client.prepareChat({ ...CHAT, model }),
      () => client.prepareCompletion({ model, prompt: 'x' }),
      () => client.embed({ model, input: ['x'] }),
    ]
    for (const use of uses)
      expect(await providerErrorOf(use)).toMatchObject({ code: 'ssrf_blocked', reason: 'tier_mismatch', attempts: 0 })
    expect(requests).toHaveLength(0)
    const { client: alias } = memoryClient([], { models: [{ model_id: 'mine', aliases: ['big:cloud'] }] })
    expect(() => alias.prepareChat({ ...CHAT, model: 'mine' })).toThrow(/runs on another machine/)
    const { client: declared } = memoryClient([], { tier: 'cloud' })
    expect(declared.prepareChat({ ...CHAT, model }).body.length).toBeGreaterThan(0)
  },
)
