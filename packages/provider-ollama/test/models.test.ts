import type { ChatRequest } from '@ctxlock/contracts/provider'
import { providerErrorOf } from '@ctxlock/plugin-api/testing'
import { describe, expect, test } from 'vitest'

import { bodyOf, END, json, memoryClient, said } from './memory-client.ts'

const CHAT: ChatRequest = { model: 'llama3.2', messages: [{ role: 'user', content: 'hi' }] }

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

  test('what cannot be a digest is none', async () => {
    const odd = ['two\nlines', 'x'.repeat(129), 'a b', 7].map((digest) => ({ name: 'm', digest }))
    const { client } = memoryClient([json({ models: odd })])
    expect((await client.listModels()).map(({ digest }) => digest)).toEqual(odd.map(() => undefined))
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
