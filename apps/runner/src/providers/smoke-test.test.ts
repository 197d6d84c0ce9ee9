import { createHttpProvider, listOf, NO_CAPABILITIES, objectOf, textOf } from '@ctxlock/provider-kit'
import { createMemoryEgress, createTestContext } from '@ctxlock/provider-kit/testing'
import { expect, test } from 'vitest'

import { smokeTest } from './smoke-test.ts'

test('a provider that lists its models and has no way to show one passes', async () => {
  const base_url = 'http://127.0.0.1:7411'
  const answers = new Map([
    ['/models', { models: ['m1'] }],
    ['/chat', { text: 'ready', why: 'end' }],
  ])
  const egress = createMemoryEgress(({ url }) => ({
    headers: { 'content-type': 'application/json' },
    chunks: [JSON.stringify(answers.get(new URL(url).pathname) ?? {})],
  }))
  const client = createHttpProvider(
    {
      displayName: 'Acme',
      capabilities: { ...NO_CAPABILITIES, chat: true, list: true },
      root: base_url,
      framing: 'json-lines',
      finishReasons: { end: 'stop' },
      chat: {
        path: '/chat',
        carries: ['maxOutputTokens'],
        body: ({ messages }) => messages.map(({ content }) => content),
        read: ({ text, why }) => ({ text: textOf(text), finish: textOf(why), done: true }),
      },
      listModels: async (calls) =>
        listOf(objectOf(await calls.get('/models'))['models']).map((id) => ({ id: textOf(id) ?? '' })),
    },
    { provider_id: 'acme', base_url, tier: 'local' },
    { ...createTestContext({ baseUrl: base_url }), egress },
  )
  const checks = await smokeTest(client, {
    modelId: 'm1',
    clock: { now: () => 0, monotonic: () => 0 },
    signal: new AbortController().signal,
    onCall: () => {},
  })
  expect(checks.map(({ check, ok }) => [check, ok])).toEqual([
    ['health', true],
    ['models', true],
    ['one_token', true],
  ])
})
