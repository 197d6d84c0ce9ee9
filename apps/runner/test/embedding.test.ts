// A workspace that names an embedding model: what is sent to it, what is found by it, and what happens when it is another one.
import { join } from 'node:path'

import type { FlightEvent } from '@ctxlock/contracts/events'
import { expect, test } from 'vitest'

import { embeddingConfig, startEmbeddingServer, type EmbeddingServer } from './support/embedding-server.ts'
import { Json } from './support/ctxlock.ts'
import { openedSession, recorded } from './support/governed-calls.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, writeFiles } from './support/workspace.ts'

/** Shares no word with the file that answers it. */
const QUESTION = 'Where do digests come from?'
const FILES = {
  'src/sum.ts': 'export const checksum = 1\n',
  'src/depot.ts': 'export const depot = 2\n',
  'notes/other.md': 'Nothing of interest.\n',
}

function workspace(
  server: Pick<EmbeddingServer, 'origin'>,
  config: Parameters<typeof embeddingConfig>[1] = {},
): string {
  return makeWorkspace({
    ...FILES,
    'ctxlock.config.json': embeddingConfig(server, { sources: { include: ['src', 'notes'] }, ...config }),
  })
}

async function ask(cwd: string, question = QUESTION) {
  const { code, stdout, stderr } = await ctxlockHere(['ask', question, '--json'], cwd)
  return { code, stderr, value: stdout === '' ? undefined : new Json(JSON.parse(stdout)) }
}

async function why(cwd: string): Promise<Json> {
  return new Json(JSON.parse((await ctxlockHere(['why', 'last', '--json'], cwd)).stdout))
}

async function events<Type extends FlightEvent['type']>(cwd: string, type: Type) {
  return recorded(await openedSession(cwd), type)
}

for (const kind of ['openai_compat', 'ollama'] as const) {
  test(`${kind}: what shares no word with the question is found, and the trace names the model`, async () => {
    const server = await startEmbeddingServer(kind)
    const cwd = workspace(server, { provider: { kind } })
    expect((await ask(cwd)).code).toBe(0)
    const told = await why(cwd)
    expect(told.at('included', 0, 'source_id').text).toBe('file:src/sum.ts')
    const routes = told.at('routes').items.map((route) => `${route.at('store').text}: ${route.at('reason').text}`)
    expect(routes).toContain('shadow_ws_vector: passages of similar meaning; vectors/meanings redactor@2 1')
    expect(routes.map((route) => route.split(':')[0])).toEqual([
      'context_packs',
      'shadow_ws_lexical',
      'shadow_ws_vector',
      'bounded_read_only',
    ])

    writeFiles(cwd, { 'ctxlock.config.json': JSON.stringify({ schema_version: 'ctxlock.config@1' }) })
    await ask(cwd)
    const without = await why(cwd)
    expect(JSON.stringify(without.at('routes').raw)).not.toContain('shadow_ws_vector')
    expect(JSON.stringify(without.at('included').raw)).not.toContain('src/sum.ts')
  })
}

test.each(['strict', 'replay'])(
  '%s: the same question over the same files asks the model nothing, and sends the same bytes',
  async (mode) => {
    const server = await startEmbeddingServer()
    const cwd = workspace(server, { policy: { determinism_mode: mode } })
    const prompt = async () => {
      const { code } = await ask(cwd)
      return [code, (await why(cwd)).at('full_prompt_hash').text]
    }
    const first = await prompt()
    expect(first[0]).toBe(0)
    const requests = server.requests.length
    expect(await prompt()).toEqual(first)
    expect(server.requests).toHaveLength(requests)
    await server.close()
    expect(await prompt()).toEqual(first)

    const other = await ask(cwd, 'Something that was never asked?')
    expect(other.code).toBe(5)
    expect(other.stderr).toMatch(/the sources could not be embedded: The connection failed/)
  },
)

test('only windows that changed are sent again, each as one window with its path', async () => {
  const server = await startEmbeddingServer()
  const cwd = workspace(server)
  await ask(cwd)
  expect(server.texts).toEqual([
    QUESTION,
    'notes/other.md\nNothing of interest.',
    'src/depot.ts\nexport const depot = 2',
    'src/sum.ts\nexport const checksum = 1',
  ])
  writeFiles(cwd, { 'src/depot.ts': 'export const depot = 3\n' })
  await ask(cwd)
  expect(server.texts.slice(4)).toEqual(['src/depot.ts\nexport const depot = 3'])
})

test('a model gets the prefixes it wants, and vectors with other prefixes are others', async () => {
  const server = await startEmbeddingServer()
  const cwd = workspace(server)
  await ask(cwd)
  const embedding = { query_prefix: 'search_query: ', passage_prefix: 'search_document: ' }
  writeFiles(cwd, {
    'ctxlock.config.json': embeddingConfig(server, { embedding, sources: { include: ['src', 'notes'] } }),
  })
  expect((await ask(cwd)).code).toBe(0)
  expect(server.texts.slice(4, 6)).toEqual([
    `search_query: ${QUESTION}`,
    'search_document: notes/other.md\nNothing of interest.',
  ])
  expect(server.texts).toHaveLength(8)
})

test('providers says which model would embed, or why none', async () => {
  const server = await startEmbeddingServer()
  const told = async (provider: object) =>
    (await ctxlockHere(['providers', '--offline'], workspace(server, { provider }))).stdout.match(
      /^embedding .*$/m,
    )?.[0]
  expect(await told({})).toBe('embedding  meanings  at vectors')
  expect(await told({ declared_tier: 'cloud' })).toBe('embedding  meanings  refused: vectors: cloud')
  expect(server.connections()).toBe(0)
})

test('another digest makes every vector anew, and the log says so', async () => {
  const server = await startEmbeddingServer()
  const cwd = workspace(server)
  await ask(cwd)
  server.model.digest = '2'
  await ask(cwd, 'Which digests?')
  expect(server.texts).toHaveLength(8)
  const [changed, ...more] = await events(cwd, 'diagnostic')
  expect(changed?.payload).toMatchObject({ diagnostic_id: 'embedding_model_changed', source: 'embedding' })
  expect(more).toEqual([])
})

test('every request is on record without a word of it, and the record verifies', async () => {
  const server = await startEmbeddingServer()
  const cwd = workspace(server)
  await ask(cwd)
  const calls = (await events(cwd, 'llm_inference')).filter(({ payload }) => payload.model_id === 'meanings')
  expect(calls).toHaveLength(server.requests.filter(({ path }) => path.endsWith('/embeddings')).length)
  for (const { payload } of calls) {
    expect(payload).toMatchObject({ provider_id: 'vectors', backend: 'local', token_usage: { prompt_tokens: 7 } })
    expect(payload.prompt_hash).toMatch(/^[0-9a-f]{64}$/)
  }
  expect(JSON.stringify(calls)).not.toMatch(/checksum|digests|interest/)
  const verified = await ctxlockHere(['verify'], cwd)
  expect(verified.code, verified.stdout + verified.stderr).toBe(0)
})

test('secrets of sources and of the question do not reach the model, nor does a key that windows cut in two', async () => {
  const server = await startEmbeddingServer()
  const token = `ghp_${'a1B2c3D4'.repeat(4)}Zz99`
  const body = Array.from(
    { length: 60 },
    (_, line) => `MIIEvQIBADAN${String(line).padStart(4, '0')}BgkqhkiG9w0BAQEFAASCBKcwggSj`,
  )
  const cwd = workspace(server)
  writeFiles(cwd, {
    'src/token.ts': `export const token = '${token}'\n`,
    'src/key.pem.md': ['# key', '-----BEGIN PRIVATE KEY-----', ...body, '-----END PRIVATE KEY-----', ''].join('\n'),
  })
  expect((await ask(cwd, `Where is ${token} used?`)).code).toBe(0)
  const sent = server.requests.map(({ body: bytes }) => Buffer.from(bytes).toString('utf8')).join('\n')
  expect(sent).toContain('src/token.ts')
  expect(sent).not.toContain(token)
  expect(sent).not.toContain('MIIEvQIBADAN')
})

test('a text that is too long for the model stands for its beginning', async () => {
  const server = await startEmbeddingServer()
  server.model.longestText = 200
  const cwd = workspace(server)
  writeFiles(cwd, { 'notes/long.md': `checksum ${'word '.repeat(300)}\n` })
  expect((await ask(cwd)).code).toBe(0)
  const long = server.texts.find((text) => text.startsWith('notes/long.md')) ?? ''
  expect(long.length).toBeGreaterThan(90)
  expect(long.length).toBeLessThanOrEqual(200)
})

test.each<[string, (origin: string) => object]>([
  ['a public host', () => ({ declared_tier: 'cloud', base_url: 'https://api.example.com/v1' })],
  ['a public host that claims to be local', () => ({ base_url: 'https://api.example.com/v1' })],
  ['a private host nobody listed', () => ({ base_url: 'http://10.1.2.3:8080' })],
  ['a server on this machine that is declared cloud', () => ({ declared_tier: 'cloud' })],
  ['a name under which Ollama passes texts on', () => ({ kind: 'ollama', models: [{ model_id: 'meanings:cloud' }] })],
])('%s gets no byte', async (_, provider) => {
  const server = await startEmbeddingServer()
  const embedding = JSON.stringify(provider(server.origin)).includes(':cloud') ? { model_id: 'meanings:cloud' } : {}
  const cwd = workspace(server, { provider: provider(server.origin), embedding })
  const refused = await ask(cwd)
  expect(refused.code).toBe(4)
  expect(refused.stderr).toMatch(
    /the sources were not embedded: .*not served on this machine .*nothing left this machine/s,
  )
  expect(server.connections()).toBe(0)
  expect(await events(cwd, 'cloud_escalation_requested')).toHaveLength(1)
  expect((await events(cwd, 'cloud_escalation_denied'))[0]?.payload).toMatchObject({ denied_check: 'no_consent' })
  expect(await events(cwd, 'llm_inference')).toEqual([])
})

test('a model that a server on this machine passes on to another one gets no text', async () => {
  const server = await startEmbeddingServer('ollama')
  server.model.remoteHost = 'https://ollama.com'
  const cwd = workspace(server, { provider: { kind: 'ollama' } })
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
  const { code, stderr } = await ask(workspace(server, Object.fromEntries(Object.entries(config))))
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
  const cwd = workspace(server, config)
  const { code, stderr } = await ask(cwd)
  expect([code, stderr.split('\n').length]).toEqual([5, 3])
  expect((await events(cwd, 'llm_inference')).filter(({ payload }) => payload.model_id === 'extractive')).toEqual([])
})

test('lock and --frozen go by words alone and ask no model', async () => {
  const server = await startEmbeddingServer()
  const task = {
    schema_version: 'ctxlock.task@1',
    goal: QUESTION,
    scope: ['src/'],
    done: ['It is named.'],
    expected_output: 'structured_answer',
  }
  const cwd = workspace(server, { tasks: ['task.json'] })
  writeFiles(cwd, { 'task.json': JSON.stringify(task) })
  expect((await ctxlockHere(['lock'], cwd)).code).toBe(0)
  const frozen = await ctxlockHere(['run', join(cwd, 'task.json'), '--frozen'], cwd)
  expect(frozen.code, frozen.stderr).toBe(0)
  expect(server.connections()).toBe(0)
  expect((await ctxlockHere(['run', join(cwd, 'task.json')], cwd)).code).toBe(0)
  expect(server.texts[0]).toContain(QUESTION)
})

test('no text stands in the vector tables', async () => {
  const server = await startEmbeddingServer()
  const cwd = workspace(server)
  writeFiles(cwd, { 'src/zebra.ts': 'export const zebraCanary = 1\n' })
  await ask(cwd)
  const session = await openedSession(cwd)
  const tables = ['vector_model', 'vector_text', 'vector_file', 'vector_chunk']
  const rows = tables.flatMap((table) => session.state.database.prepare(`SELECT * FROM ${table}`).all())
  const bytes = rows.flatMap((row) =>
    Object.values(row).map((value) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value),
    ),
  )
  expect(rows.length).toBeGreaterThan(10)
  expect(bytes.join('\n')).not.toContain('zebraCanary')
})
