import type { PluginContext } from '@ctxlock/contracts/plugin'
import { createRegistry } from '@ctxlock/plugin-api'
import { expect, test } from 'vitest'

import { extractivePlugin } from './plugin.ts'

const unreachable = () => {
  throw new Error('the extractive provider reached for the outside world')
}
const context: PluginContext = {
  clock: { now: unreachable, monotonic: () => 0 },
  random: { bytes: unreachable, uuid: unreachable, fraction: unreachable },
  timers: { after: unreachable },
  egress: { request: unreachable, close: unreachable },
  secret: { present: false, bearer: unreachable },
}
const registry = createRegistry([{ source: '@ctxlock/provider-extractive', plugin: extractivePlugin }])

test('a host lists it, starts it and gets an answer without any way out', async () => {
  expect(registry.list()).toEqual([{ kind: 'provider', name: 'extractive', source: '@ctxlock/provider-extractive' }])
  const client = await registry.create('provider', 'extractive', { provider_id: 'builtin' }, context)
  const call = client.prepareChat({ model: 'extractive', messages: [{ role: 'user', content: 'Hello?' }] })
  expect((await call.send()).responseModel).toBe('extractive')
  expect(client.providerId).toBe('builtin')
})

test.each([
  [{ provider_id: 'builtin', models: [{ model_id: 'extractive', max_context_tokens: 8192 }] }, 8192],
  [{ provider_id: 'builtin', models: [] }, 1_000_000],
])('the options %j are taken', async (options, contextTokens) => {
  const client = await registry.create('provider', 'extractive', options, context)
  expect(client.profile('extractive').max_context_tokens).toBe(contextTokens)
})

test.each([[{ provider_id: 'Built in' }], [{ provider_id: 'builtin', base_url: 'http://127.0.0.1' }], [{}]])(
  'the options %j are refused',
  async (options) => {
    await expect(registry.create('provider', 'extractive', options, context)).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS' }),
    )
  },
)
