// The wire form that a provider's plugin gives without a client is the one its client sends.
import { createRegistry, type PluginCandidate } from '@ctxlock/plugin-api'
import { extractivePlugin } from '@ctxlock/provider-extractive'
import { ollamaPlugin } from '@ctxlock/provider-ollama'
import { openAiCompatPlugin } from '@ctxlock/provider-openai-compat'
import { expect, test } from 'vitest'

import { nodeEnvironment } from '../src/environment/node-environment.ts'
import { offlineContext } from '../src/providers/offline-context.ts'

const candidates: PluginCandidate[] = [extractivePlugin, ollamaPlugin, openAiCompatPlugin].map((plugin) => ({
  source: plugin.name,
  plugin,
}))
const registry = createRegistry(candidates)
const SERVER = { provider_id: 'p', base_url: 'http://127.0.0.1:1', tier: 'local' }
const messages = [
  { role: 'system' as const, content: '# Rules "quoted"' },
  { role: 'user' as const, content: 'Where? 検査\u2028' },
]

test.each([
  ['extractive', { provider_id: 'p' }, 'extractive'],
  ['ollama', SERVER, 'm'],
  ['openai_compat', SERVER, 'm'],
])('%s', async (name, options, model) => {
  const encoder = await registry.encoder(name, options)
  const client = await registry.create('provider', name, options, offlineContext(nodeEnvironment))
  expect(encoder?.capabilities).toEqual(client.capabilities)
  for (const request of [
    { model, messages },
    { model, messages, temperature: 0, seed: 7, maxOutputTokens: 9, stream: true },
  ]) {
    expect(encoder?.encodeChat(request)).toEqual(client.prepareChat(request).body)
  }
  const refused = { model, messages, seed: Number.NaN }
  expect(() => encoder?.encodeChat(refused)).toThrow()
  expect(() => client.prepareChat(refused)).toThrow()
})

test('options are validated, and a plugin without an encoder has none', async () => {
  await expect(registry.encoder('ollama', {})).rejects.toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }))
  const { encoder: _encoder, ...plain } = extractivePlugin
  const other = createRegistry([{ source: 'plain', plugin: plain }])
  expect(await other.encoder('extractive', { provider_id: 'p' })).toBeUndefined()
  const broken = { ...extractivePlugin, encoder: 'none' }
  expect(() => createRegistry([{ source: 'broken', plugin: broken }])).toThrow(
    expect.objectContaining({ code: 'INVALID_PLUGINS' }),
  )
})
