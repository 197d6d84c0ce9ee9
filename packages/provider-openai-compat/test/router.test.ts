import { providerErrorOf } from '@ctxlock/plugin-api/testing'
import { describe, expect, test } from 'vitest'

import { json, memoryClient } from './memory-client.ts'

const list = (...entries: readonly (readonly [id: string, state: string])[]) =>
  json({ object: 'list', data: entries.map(([id, value]) => ({ id, object: 'model', status: { value } })) })
const DONE = json({ success: true })

function routerOf(...responses: Parameters<typeof memoryClient>[0]) {
  const { client, requests } = memoryClient(responses, { profile: 'llamacpp_router' })
  return { client, asked: () => requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`) }
}

describe('a llama.cpp router', () => {
  test('loads below the origin, and is done when the list says so', async () => {
    const { client, asked } = routerOf(list(['a', 'unloaded']), DONE, list(['a', 'loading']), list(['a', 'loaded']))
    await client.load('a')
    expect(asked()).toEqual(['GET /v1/models', 'POST /models/load', 'GET /v1/models', 'GET /v1/models'])
  })

  test('leaves alone what is loaded, and waits for what somebody else is loading', async () => {
    const loaded = routerOf(list(['a', 'loaded']))
    await loaded.client.load('a')
    expect(loaded.asked()).toEqual(['GET /v1/models'])
    const loading = routerOf(list(['a', 'loading']), list(['a', 'loaded']))
    await loading.client.load('a')
    expect(loading.asked()).not.toContain('POST /models/load')
  })

  test('says when the process behind it could not load the model', async () => {
    const { client } = routerOf(list(['a', 'unloaded']), DONE, list(['a', 'loading']), list(['a', 'unloaded']))
    expect(await providerErrorOf(client.load('a'))).toMatchObject({ code: 'model_load_failed' })
  })

  test('unloads, and is done when the list says so', async () => {
    const { client, asked } = routerOf(list(['a', 'loaded']), DONE, list(['a', 'loaded']), list(['a', 'unloaded']))
    await client.unload('a')
    expect(asked()).toContain('POST /models/unload')
    const gone = routerOf(list(['a', 'unloaded']))
    await gone.client.unload('a')
    expect(gone.asked()).toEqual(['GET /v1/models'])
  })

  test('lists what is loaded', async () => {
    const { client } = routerOf(list(['a', 'loaded'], ['b', 'unloaded'], ['c', 'loading']))
    expect((await client.listRunning()).map(({ id }) => id)).toEqual(['a'])
  })

  test.each([
    ['a model it does not have', [list(['b', 'loaded'])], 'model_not_found'],
    ['a server that is no router', [json({ data: [{ id: 'a' }] })], 'protocol'],
    ['an answer that confirms nothing', [list(['a', 'unloaded']), json({})], 'protocol'],
  ] as const)('%s is an error', async (_, responses, code) => {
    expect((await providerErrorOf(routerOf(...responses).client.load('a'))).code).toBe(code)
  })

  test('cannot be given a window, and other servers cannot be told to load', async () => {
    const { client, asked } = routerOf()
    expect((await providerErrorOf(client.load('a', { contextTokens: 4096 }))).code).toBe('not_supported')
    expect((await providerErrorOf(memoryClient([]).client.load('a'))).code).toBe('not_supported')
    expect(asked()).toEqual([])
  })
})
