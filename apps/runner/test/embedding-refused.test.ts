// What a workspace that names an embedding model is refused, and that nothing has left then.
import { expect, test } from 'vitest'

import { startEmbeddingServer } from './support/embedding-server.ts'
import { ask, embeddingWorkspace, events } from './support/embedding-workspace.ts'

test.each<[string, (origin: string) => object]>([
  ['a public host', () => ({ declared_tier: 'cloud', base_url: 'https://api.example.com/v1' })],
  ['a public host that claims to be local', () => ({ base_url: 'https://api.example.com/v1' })],
  ['a private host nobody listed', () => ({ base_url: 'http://10.1.2.3:8080' })],
  ['a server on this machine that is declared cloud', () => ({ declared_tier: 'cloud' })],
  ['a name under which Ollama passes texts on', () => ({ kind: 'ollama', models: [{ model_id: 'meanings:cloud' }] })],
])('%s gets no byte', async (_, provider) => {
  const server = await startEmbeddingServer()
  const embedding = JSON.stringify(provider(server.origin)).includes(':cloud') ? { model_id: 'meanings:cloud' } : {}
  const cwd = embeddingWorkspace(server, { provider: provider(server.origin), embedding })
  const refused = await ask(cwd)
  expect(refused.code).toBe(4)
  expect(refused.stderr).toMatch(
    /the sources were not embedded: .*does not count as local .*nothing left this machine/s,
  )
  expect(server.connections()).toBe(0)
  expect(await events(cwd, 'cloud_escalation_requested')).toHaveLength(1)
  expect((await events(cwd, 'cloud_escalation_denied'))[0]?.payload).toMatchObject({ denied_check: 'no_consent' })
  expect(await events(cwd, 'llm_inference')).toEqual([])
})

test('a model that a server on this machine passes on to another one gets no text', async () => {
  const server = await startEmbeddingServer('ollama')
  server.model.remoteHost = 'https://ollama.com'
  const cwd = embeddingWorkspace(server, { provider: { kind: 'ollama' } })
  const refused = await ask(cwd)
  expect([refused.code, server.texts]).toEqual([4, []])
  expect(server.requests.map(({ path }) => path)).toEqual(['/api/show', '/api/tags'])
  expect(refused.stderr).toMatch(/passes it on to another machine/)
})

test.each<[string, object, RegExp]>([
  [
    'a model nobody serves',
    { embedding: { model_id: 'else' } },
    /`embedding\.model_id` names else, but .* extractive, meanings/,
  ],
  ['a disabled provider', { provider: { enabled: false } }, /`embedding\.model_id` names meanings, but .* extractive/],
  [
    'a provider without embeddings',
    { embedding: { model_id: 'extractive' } },
    /embedded \(extractive\) makes no embeddings/,
  ],
  ['a field of another type', { embedding: { dimensions: 'many' } }, /`embedding\.dimensions`/],
  ['a field nobody knows', { embedding: { provider: 'x' } }, /unknown field `provider` in `embedding`/],
])('config: %s', async (_, config, said) => {
  const server = await startEmbeddingServer()
  const { code, stderr } = await ask(embeddingWorkspace(server, Object.fromEntries(Object.entries(config))))
  expect(code).toBe(2)
  expect(stderr).toMatch(said)
  expect(server.connections()).toBe(0)
})

test.each<[string, unknown, Readonly<Record<string, object>>]>([
  ['too few vectors', [], {}],
  ['no vectors', 'none', {}],
  ['zeros', [[0, 0, 0]], {}],
  ['text', [['a', 'b']], {}],
  ['other dimensions than asked for', [[1, 2, 3]], { embedding: { dimensions: 2 } }],
])('%s instead of vectors ends the call before a model is asked', async (_, vectors, config) => {
  const server = await startEmbeddingServer()
  server.model.vectors = vectors
  const cwd = embeddingWorkspace(server, config)
  const { code, stderr } = await ask(cwd)
  expect([code, stderr.split('\n').length]).toEqual([5, 3])
  expect((await events(cwd, 'llm_inference')).filter(({ payload }) => payload.model_id === 'extractive')).toEqual([])
})
