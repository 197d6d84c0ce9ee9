import { providerErrorOf } from '@ctxlock/plugin-api/testing'
import { describe, expect, test } from 'vitest'

import { json, memoryClient } from './memory-client.ts'

describe('models', () => {
  test.each([
    [
      'a list object',
      {
        object: 'list',
        data: [
          { id: 'a', meta: { n_ctx: 4096, n_ctx_train: 8192, size: 7 } },
          { id: 'b', max_model_len: 100 },
        ],
      },
    ],
    ['a bare list', [{ id: 'a', context_length: 4096 }, { id: 'b' }, { name: 'no id' }, 'text']],
  ])('%s', async (_, body) => {
    const { client, requests } = memoryClient([json(body)])
    expect((await client.listModels()).map(({ id }) => id)).toEqual(['a', 'b'])
    expect(requests[0]).toMatchObject({ method: 'GET', url: 'http://127.0.0.1:8080/v1/models' })
  })

  test('one of them', async () => {
    const { client } = memoryClient([json({ data: [{ id: 'a', max_model_len: 8192 }] }), json({ data: [] })])
    expect(await client.showModel('a')).toEqual({ id: 'a', contextTokens: 8192 })
    expect((await providerErrorOf(client.showModel('a'))).code).toBe('model_not_found')
  })

  test('no list is a protocol error', async () => {
    expect((await providerErrorOf(memoryClient([json({ data: 'x' })]).client.listModels())).code).toBe('protocol')
  })
})

describe('embeddings', () => {
  const embed = (data: unknown, input = ['a', 'b'], dimensions?: number) => {
    const { client, requests } = memoryClient([
      json({ model: 'm1', data, usage: { prompt_tokens: 4, total_tokens: 4 } }),
    ])
    return {
      requests,
      result: client.embed({ model: 'm1', input, ...(dimensions === undefined ? {} : { dimensions }) }),
    }
  }

  test('are put in the order of the inputs', async () => {
    const { requests, result } = embed([
      { index: 1, embedding: [3, 4] },
      { index: 0, embedding: [1, 2] },
    ])
    expect(await result).toMatchObject({
      embeddings: [
        [1, 2],
        [3, 4],
      ],
      responseModel: 'm1',
      usage: { inputTokens: 4, outputTokens: null, complete: true },
    })
    expect(JSON.parse(Buffer.from(requests[0]?.body ?? []).toString())).toEqual({
      model: 'm1',
      input: ['a', 'b'],
      encoding_format: 'float',
    })
  })

  test('come in base64 from some servers', async () => {
    const floats = Buffer.from(Float32Array.of(0.5, -1.5).buffer).toString('base64')
    expect((await embed([{ index: 0, embedding: floats }], ['a']).result).embeddings).toEqual([[0.5, -1.5]])
  })

  test.each([
    ['too few', [{ index: 0, embedding: [1] }], 'protocol'],
    [
      'no numbers',
      [
        { index: 0, embedding: ['x'] },
        { index: 1, embedding: [1] },
      ],
      'protocol',
    ],
    [
      'empty',
      [
        { index: 0, embedding: [] },
        { index: 1, embedding: [] },
      ],
      'protocol',
    ],
    [
      'damaged base64',
      [
        { index: 0, embedding: 'AAAA/' },
        { index: 1, embedding: [1] },
      ],
      'protocol',
    ],
    [
      'of different lengths',
      [
        { index: 0, embedding: [1] },
        { index: 1, embedding: [1, 2] },
      ],
      'output_invalid',
    ],
  ])('%s are refused', async (_, data, code) => expect((await providerErrorOf(embed(data).result)).code).toBe(code))

  test('of another length than asked are refused', async () => {
    const error = await providerErrorOf(embed([{ index: 0, embedding: [1, 0, 0] }], ['a'], 2).result)
    expect(error).toMatchObject({ code: 'output_invalid', reason: 'dimensions' })
  })

  test('an input that is echoed as the name of a model is not kept', async () => {
    const input = ['my private diary entry']
    const { client } = memoryClient([json({ model: input[0], data: [{ index: 0, embedding: [1] }] })])
    expect((await client.embed({ model: 'm1', input })).responseModel).not.toContain('private diary')
  })

  test('an input that is echoed by an error is not shown', async () => {
    const { client } = memoryClient([json({ error: { message: 'cannot embed "my private diary entry"' } }, 400)])
    const error = await providerErrorOf(client.embed({ model: 'm1', input: ['my private diary entry'] }))
    expect(error.message).not.toContain('private diary')
  })
})

describe('health', () => {
  test.each([
    ['generic', json({ data: [] }), 'http://127.0.0.1:8080/v1/models', { ready: true, state: 'ready' }],
    ['llamacpp', json({ status: 'ok' }), 'http://127.0.0.1:8080/health', { ready: true, state: 'ready' }],
    [
      'llamacpp',
      json({ error: { message: 'Loading model', code: 503 } }, 503),
      'http://127.0.0.1:8080/health',
      { ready: false, state: 'loading', reason: 'model_loading' },
    ],
    [
      'generic',
      json({ error: 'x' }, 401),
      'http://127.0.0.1:8080/v1/models',
      { ready: false, state: 'error', reason: 'auth' },
    ],
  ] as const)('%s', async (profile, response, url, report) => {
    const { client, requests } = memoryClient([response], { profile, max_retries: 5 })
    expect(await client.health()).toEqual(report)
    expect(requests.map((request) => request.url)).toEqual([url])
  })

  test('a cancelled question is an error, not an answer', async () => {
    const { client } = memoryClient([])
    expect((await providerErrorOf(client.health({ signal: AbortSignal.abort() }))).code).toBe('aborted')
  })
})
