// A workspace that names an embedding model: what is sent to it, what is found by it, and what happens when it is another one.
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { syncWorkspaceVectors } from '../src/embedding/workspace-vectors.ts'
import { questionSubject } from '../src/run/question-subject.ts'
import { embeddingConfig, startEmbeddingServer } from './support/embedding-server.ts'
import { ask, embeddingWorkspace, events, QUESTION, why } from './support/embedding-workspace.ts'
import { callIn, openedSession, recorded } from './support/governed-calls.ts'
import { ctxlockHere } from './support/in-process.ts'
import { writeFiles } from './support/workspace.ts'

for (const kind of ['openai_compat', 'ollama'] as const) {
  test(`${kind}: what shares no word with the question is found, and the trace names the model`, async () => {
    const server = await startEmbeddingServer(kind)
    const cwd = embeddingWorkspace(server, { provider: { kind } })
    expect((await ask(cwd)).code).toBe(0)
    const told = await why(cwd)
    expect(told.at('included', 0, 'source_id').text).toBe('file:src/sum.ts')
    const routes = told.at('routes').items.map((route) => `${route.at('store').text}: ${route.at('reason').text}`)
    expect(routes).toContain('shadow_ws_vector: passages of similar meaning; vectors/meanings redactor@8 1')
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
    const cwd = embeddingWorkspace(server, { policy: { determinism_mode: mode } })
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
  const cwd = embeddingWorkspace(server)
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
  const cwd = embeddingWorkspace(server)
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
    (await ctxlockHere(['providers', '--offline'], embeddingWorkspace(server, { provider }))).stdout.match(
      /^embedding .*$/m,
    )?.[0]
  expect(await told({})).toBe('embedding  meanings  at vectors')
  const far = { declared_tier: 'cloud', base_url: 'https://api.example.com/v1' }
  expect(await told(far)).toBe('embedding  meanings  refused: vectors: cloud')
  expect(await told({ declared_tier: 'cloud' })).toBe('embedding  meanings  refused: vectors: address')
  expect(server.connections()).toBe(0)
})

test('another digest makes every vector anew, and the log says so', async () => {
  const server = await startEmbeddingServer()
  const cwd = embeddingWorkspace(server)
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
  const cwd = embeddingWorkspace(server)
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
  const cwd = embeddingWorkspace(server)
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
  const cwd = embeddingWorkspace(server)
  writeFiles(cwd, { 'notes/long.md': `checksum ${'word '.repeat(300)}\n` })
  expect((await ask(cwd)).code).toBe(0)
  const long = server.texts.find((text) => text.startsWith('notes/long.md')) ?? ''
  expect(long.length).toBeGreaterThan(90)
  expect(long.length).toBeLessThanOrEqual(200)
})

test.each(['strict', 'replay'] as const)(
  '%s: a file that changed after it was embedded is no evidence (ACE-061)',
  async (mode) => {
    const server = await startEmbeddingServer()
    const cwd = embeddingWorkspace(server, { policy: { determinism_mode: mode } })
    const session = await openedSession(cwd)
    const { random } = session.environment
    const embedderId = await syncWorkspaceVectors(session, {
      ids: { runId: random.uuid(), sessionId: random.uuid() },
      questions: [QUESTION],
      signal: new AbortController().signal,
      progress: () => {},
    })
    writeFiles(cwd, { 'src/sum.ts': 'export const nothing = 1\n' })
    const call = callIn(session, questionSubject(QUESTION, [], session.config), { embedderId })
    if (mode === 'strict') return expect(call).rejects.toMatchObject({ code: 'IndexDrift' })
    const { trace, snippets } = (await call).compiled.retrieval
    expect(trace.drift).toMatchObject([{ kind: 'source_changed', action: 'dropped' }])
    expect(trace.warnings).toContain('recovery_hint:reindex:file:src/sum.ts')
    expect(snippets.map(({ text }) => text).join()).not.toContain('checksum')
    return expect(recorded(session, 'ace_call_report')[0]?.payload.drift_flags).toHaveLength(1)
  },
)

test('lock and --frozen go by words alone and ask no model', async () => {
  const server = await startEmbeddingServer()
  const task = {
    schema_version: 'ctxlock.task@1',
    goal: QUESTION,
    scope: ['src/'],
    done: ['It is named.'],
    expected_output: 'structured_answer',
  }
  const cwd = embeddingWorkspace(server, { tasks: ['task.json'] })
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
  const cwd = embeddingWorkspace(server)
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
