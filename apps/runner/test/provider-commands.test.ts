// Adding, testing and exporting providers: what follows is derived, what is secret stays out, and no cloud server is contacted.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

import { startFakeServer } from '@ctxlock/plugin-api/testing'
import { describe, expect, onTestFinished, test } from 'vitest'

import { startChatServer } from './support/chat-server.ts'
import { closedPort } from './support/closed-port.ts'
import { ctxlock, Json } from './support/ctxlock.ts'
import { openedSession, recorded } from './support/governed-calls.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, readTree, SMALL_WORKSPACE } from './support/workspace.ts'

const CONFIG = 'ctxlock.config.json'
const FAR = ['--url', 'https://api.example.com/v1', '--model', 'big']

const configOf = (cwd: string) => new Json(JSON.parse(readFileSync(join(cwd, CONFIG), 'utf8')))
const entryOf = (cwd: string, index: number) => configOf(cwd).at('providers', index)
async function report(args: readonly string[], cwd: string): Promise<Json> {
  return new Json(JSON.parse((await ctxlockHere(['providers', ...args, '--json'], cwd)).stdout))
}
const add = (cwd: string, ...args: readonly string[]) => ctxlockHere(['providers', 'add', ...args], cwd)

/** An Ollama with a model of its own and one that it passes on. */
async function ollama() {
  const models = [
    { name: 'far:cloud', remote_host: 'https://ollama.com' },
    { name: 'small:7b', details: { parameter_size: '7.6B' } },
    { name: 'medium:14b', details: { parameter_size: '14.8B' } },
  ]
  const server = await startFakeServer(({ path, body }) => {
    const json = (value: object) => ({ status: 200, body: [{ bytes: JSON.stringify(value) }] })
    if (path === '/api/version') return json({ version: '0.12.0' })
    if (path === '/api/tags') return json({ models })
    const { model }: { model: string } = JSON.parse(Buffer.from(body).toString('utf8'))
    return json(model === 'passed-on' ? { details: {}, remote_host: 'https://ollama.com' } : { details: {} })
  })
  onTestFinished(() => server.close())
  return server
}

describe('providers add', () => {
  test('asks a local server for its models, keeps the embedded provider, and the model answers at once', async () => {
    const server = await startChatServer()
    const cwd = makeWorkspace(SMALL_WORKSPACE)
    const { code, stdout } = await add(cwd, 'near', '--url', `${server.url}/v1`)
    expect([code, stdout]).toEqual([0, expect.stringContaining('added near: openai_compat at')])
    expect(entryOf(cwd, 0).at('provider_id').text).toBe('embedded')
    expect(entryOf(cwd, 1).raw).toMatchObject({ declared_tier: 'local', default_model_id: 'm1', secret_ref: null })
    expect((await ctxlockHere(['ask', 'How is a checksum computed?', '--model', 'm1'], cwd)).code).toBe(0)
    expect(server.bodies).toHaveLength(1)
  })

  test('takes sizes from the server and leaves out what another machine serves', async () => {
    const { origin } = await ollama()
    const cwd = makeWorkspace({ [CONFIG]: '{\n\t"schema_version": "ctxlock.config@1"\n}\n' })
    expect((await add(cwd, 'llama', '--kind', 'ollama', '--url', origin)).code).toBe(0)
    expect(entryOf(cwd, 1).at('default_model_id').text).toBe('small:7b')
    expect(entryOf(cwd, 1).at('models').raw).toEqual([
      { model_id: 'small:7b', parameter_class: 'P7B' },
      { model_id: 'medium:14b', parameter_class: 'P13B' },
    ])
  })

  test('takes each model of a list once, and none that is a cloud model by its name or has no name an entry can hold', async () => {
    const ids = ['twice', 'large:cloud', 'twice', 'driving\u001b[2J', 'other']
    const server = await startFakeServer(() => ({
      status: 200,
      body: [{ bytes: JSON.stringify({ object: 'list', data: ids.map((id) => ({ id })) }) }],
    }))
    onTestFinished(() => server.close())
    const cwd = makeWorkspace({})
    expect((await add(cwd, 'near', '--url', `${server.origin}/v1`)).code).toBe(0)
    expect(entryOf(cwd, 1).at('models').raw).toEqual([{ model_id: 'twice' }, { model_id: 'other' }])
  })

  test('of a server that gives no list in time asks for a model by name, and is not a cancelled call', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      silent.closeAllConnections()
      silent.close()
    })
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const { code, error } = await add(makeWorkspace({}), 'near', '--url', `http://127.0.0.1:${port}/v1`)
    expect([code, error?.code, error?.message]).toEqual([
      2,
      'MODEL_MISSING',
      expect.stringContaining('no list within 5'),
    ])
  })

  test('calls a public host cloud, contacts nobody, and keeps the name of the key out of what it prints', async () => {
    const cwd = makeWorkspace({})
    const added = await report(['add', 'far', ...FAR, '--key-env', 'FAR_KEY_NAME'], cwd)
    expect(added.at('tier').text).toBe('cloud')
    expect(JSON.stringify(added.raw)).not.toContain('FAR_KEY_NAME')
    expect(entryOf(cwd, 1).raw).toMatchObject({
      declared_tier: 'cloud',
      secret_ref: { source: 'env', name: 'FAR_KEY_NAME' },
    })
  })

  test('says which variables the key of a far host is read from, when another one is named', async () => {
    const cwd = makeWorkspace({})
    const foreign = await add(cwd, 'far', ...FAR, '--key-env', 'FAR_KEY_NAME')
    expect(foreign.stdout).toContain('read from CTXLOCK_* only')
    const own = await add(cwd, 'farther', ...FAR, '--key-env', 'CTXLOCK_FAR_KEY')
    expect(own.stdout).not.toContain('CTXLOCK_*')
  })

  test('knows which wire a well-known host speaks', async () => {
    const cwd = makeWorkspace({})
    await add(cwd, 'openai', '--url', 'https://api.openai.com/v1', '--model', 'big')
    expect(entryOf(cwd, 1).at('options').raw).toEqual({ profile: 'openai' })
  })

  test.each([
    ['a cloud provider without a model', ['far', '--url', 'https://api.example.com/v1'], /cloud server is not asked/],
    [
      'a key instead of the name of one',
      ['far', ...FAR, '--key-env', 'sk-live-0123456789abcdef'],
      /expects the name of/,
    ],
    ['a key that could be a name', ['far', ...FAR, '--key-env', 'AKIACANARY7Q2W8E4R6T'], /a literal secret/],
    ['a key in the URL', ['far', '--url', 'https://me:pw-0123@api.example.com', '--model', 'm'], /without user info/],
    [
      'a private host nobody answers for',
      ['lan', '--url', 'http://10.1.2.3:80', '--model', 'm'],
      /--allow-host 10\.1\.2\.3:80/,
    ],
    ['an address in disguise', ['odd', '--url', 'http://0x7f.1:80', '--model', 'm'], /base_url/],
    [
      'the URL of a request',
      ['near', '--url', 'http://127.0.0.1:7411/v1/chat/completions', '--model', 'm'],
      /ends in \/chat\/completions/,
    ],
    ['the other API of Ollama', ['near', '--url', 'http://127.0.0.1:11434/v1', '--model', 'm'], /kind openai_compat/],
    ['an id that is none', ['No id', ...FAR], /provider_id/],
    ['a kind no plugin has', ['far', ...FAR, '--kind', 'telepathy'], /no plugin of this kind/],
    ['an id that is taken', ['embedded', ...FAR], /listed twice/],
  ])('refuses %s and writes nothing', async (_, args, said) => {
    const cwd = makeWorkspace({})
    const { code, stderr } = await add(cwd, ...args)
    expect([code, stderr]).toEqual([2, expect.stringMatching(said)])
    expect(stderr).not.toMatch(/sk-live|AKIACANARY|pw-0123/)
    expect(existsSync(join(cwd, CONFIG))).toBe(false)
  })

  test.each([
    ['http://api.example.com/v1', 'HSK-403-SSRF', 'scheme', 'api.example.com:80'],
    ['http://ollama.corp.example:11434', 'HSK-403-SSRF', 'scheme', 'ollama.corp.example:11434'],
    ['https://api.example.com:8443', 'HSK-403-SSRF', 'port', 'api.example.com:8443'],
    ['http://box.lan:11434', 'HSK-403-SSRF', 'internal_name', 'box.lan:11434'],
    ['http://10.1.2.3', 'HSK-403-SSRF', 'address', '10.1.2.3:80'],
    ['http://8.8.8.8', 'HSK-403-SSRF', 'scheme', undefined],
    ['https://api.example.com:22', 'HSK-403-SSRF', 'blocked_port', undefined],
    ['http://127.0.0.1:22', 'HSK-403-SSRF', 'blocked_port', undefined],
    ['https://metadata.goog', 'HSK-403-SSRF', 'metadata', undefined],
    ['http://169.254.169.254', 'HSK-403-SSRF', 'metadata', undefined],
    ['http://192.0.2.1', 'HSK-403-SSRF', 'address', undefined],
    ['http://[::ffff:7f00:1]', 'HSK-403-SSRF', 'address', undefined],
  ])(
    'refuses %s as the egress would, and advises an exception only where one helps',
    async (url, code, reason, host) => {
      const cwd = makeWorkspace({})
      const refused = await add(cwd, 'odd', '--url', url, '--model', 'm')
      expect([refused.code, refused.error?.code, refused.error?.message]).toEqual([
        2,
        code,
        `the provider odd is refused: ${reason}`,
      ])
      expect(/--allow-host (\S+)\./.exec(refused.stderr)?.[1]).toBe(host)
      expect(existsSync(join(cwd, CONFIG))).toBe(false)
      if (host === undefined) return
      // The advice holds: what it adds is local, for every command and for the egress.
      const added = await report(['add', 'odd', '--url', url, '--model', 'm', '--allow-host', host], cwd)
      expect(added.at('tier').text).toBe('local')
      expect((await report(['list', '--offline'], cwd)).at('providers', 1, 'tier').text).toBe('local')
      const session = await openedSession(cwd)
      const [entry] = session.registry.providers.filter(({ provider_id }) => provider_id === 'odd')
      if (entry) await session.providers.client(entry)
    },
  )

  test('two at once are both added, and one of two equal ones is refused', async () => {
    const cwd = makeWorkspace({})
    await ctxlock(['profile'], { cwd })
    const ids = ['one', 'two', 'two']
    const results = await Promise.all(ids.map((id) => ctxlock(['providers', 'add', id, ...FAR], { cwd })))
    expect(results.filter(({ code }) => code === 2)).toHaveLength(1)
    const listed = configOf(cwd)
      .at('providers')
      .items.map((entry) => entry.at('provider_id').text)
    expect(listed.toSorted()).toEqual(['embedded', 'one', 'two'])
  })
})

describe('providers test', () => {
  test('reports health, models and one token of a local server, and puts the call on record', async () => {
    const server = await startChatServer()
    const cwd = makeWorkspace({})
    await add(cwd, 'near', '--url', `${server.url}/v1`)
    const tested = await report(['test', 'near'], cwd)
    expect(tested.raw).toMatchObject({ ok: true, tier: 'local', model_id: 'm1', contacted: true })
    expect(tested.at('checks').items.map((check) => [check.at('check').text, check.at('ok').raw])).toEqual([
      ['health', true],
      ['models', true],
      ['model', true],
      ['one_token', true],
    ])
    expect(JSON.parse(String(server.bodies[0]))).toMatchObject({ max_tokens: 1, model: 'm1' })
    const calls = recorded(await openedSession(cwd), 'llm_inference')
    expect(calls.map(({ payload }) => payload)).toMatchObject([
      { provider_id: 'near', model_id: 'm1', backend: 'local' },
    ])
    expect((await ctxlockHere(['verify'], cwd)).code).toBe(0)
  })

  test('the embedded provider passes without a network', async () => {
    const tested = await report(['test', 'embedded'], makeWorkspace({}))
    expect(tested.raw).toMatchObject({ ok: true, tier: 'local' })
  })

  test('a cloud provider is not contacted, and the report says what is missing', async () => {
    const cwd = makeWorkspace({})
    await add(cwd, 'far', ...FAR, '--key-env', 'CTXLOCK_NO_SUCH_KEY')
    const { code, stdout } = await ctxlockHere(['providers', 'test', 'far', '--json'], cwd)
    expect(code).toBe(4)
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      tier: 'cloud',
      contacted: false,
      checks: [],
      needed: [/key/, /profile/, /exportable/, /consent/].map((said) => expect.stringMatching(said)),
    })
    const said = (await ctxlockHere(['providers', 'test', 'far'], cwd)).stdout
    expect(said).toMatch(/^provider   far \(\w+\), model \S+: cloud, not contacted\n(needed     .*\n){4}$/)
  })

  test('a model that another machine serves is asked for nothing', async () => {
    const server = await ollama()
    const cwd = makeWorkspace({})
    await add(cwd, 'llama', '--kind', 'ollama', '--url', server.origin, '--model', 'passed-on')
    const { code, stdout } = await ctxlockHere(['providers', 'test', 'llama', '--json'], cwd)
    expect([code, JSON.parse(stdout)]).toMatchObject([4, { tier: 'cloud', ok: false }])
    expect(server.requests.map(({ path }) => path)).not.toContain('/api/chat')
  })

  test('a server that is down fails with 5, one that refuses the call says how', async () => {
    const cwd = makeWorkspace({})
    await add(cwd, 'down', '--url', await closedPort(), '--model', 'm1')
    const broken = await startChatServer({ status: 500, errorBody: '{"error":{"message":"boom"}}' })
    await add(cwd, 'broken', '--url', `${broken.url}/v1`, '--model', 'm1')
    const down = await ctxlockHere(['providers', 'test', 'down', '--json'], cwd)
    expect([down.code, JSON.parse(down.stdout).checks]).toMatchObject([
      5,
      [{ check: 'health', ok: false, error: 'network' }],
    ])
    const refused = await ctxlockHere(['providers', 'test', 'broken', '--json'], cwd)
    expect([refused.code, JSON.parse(refused.stdout).checks.at(-1)]).toMatchObject([
      5,
      { check: 'one_token', ok: false, error: 'server_error' },
    ])
    expect((await ctxlockHere(['providers', 'test', 'down'], cwd)).stdout).toMatch(
      /^provider   down .*: local\nhealth     failed after \d+ ms, network/,
    )
    expect((await ctxlockHere(['providers', 'test', 'nobody'], cwd)).code).toBe(2)
  })
})

describe('providers export and the record (PROV-025, PROV-028)', () => {
  test('shows neither the secret nor its name, and says how the record stands to the config', async () => {
    const cwd = makeWorkspace(SMALL_WORKSPACE)
    await add(cwd, 'far', ...FAR, '--key-env', 'FAR_KEY_NAME')
    const exported = await report(['export'], cwd)
    expect(exported.at('recorded').text).toBe('same')
    expect(exported.at('providers', 1, 'secret_ref').raw).toEqual({ source: 'env', present: false })
    expect(JSON.stringify(exported.raw)).not.toContain('FAR_KEY_NAME')

    const config = readFileSync(join(cwd, CONFIG), 'utf8')
    writeFileSync(join(cwd, CONFIG), config.replace('"big"', '"bigger"'))
    expect((await report(['export'], cwd)).at('recorded').text).toBe('differs')
    // The next run keeps what it starts with, under the hash that its header names.
    await ctxlockHere(['ask', 'How is a checksum computed?'], cwd)
    const kept = await report(['export'], cwd)
    expect(kept.at('recorded').text).toBe('same')
    const [header] = recorded(await openedSession(cwd), 'run_header')
    expect(kept.at('registry_hash').text).toBe(header?.payload.registry_hash)

    const path = join(cwd, '.ctxlock', 'registry.json')
    writeFileSync(path, readFileSync(path, 'utf8').replace('"bigger"', '"biggest"'))
    expect((await report(['export'], cwd)).at('recorded').text).toBe('unreadable')
    expect(readTree(join(cwd, '.ctxlock')).filter(({ path: name }) => name.endsWith('.tmp'))).toEqual([])

    // A pipe in its place is not waited for, and the next run puts a file there.
    rmSync(path)
    execFileSync('mkfifo', [path])
    expect((await report(['export'], cwd)).at('recorded').text).toBe('unreadable')
    await ctxlockHere(['ask', 'How is a checksum computed?'], cwd)
    expect((await report(['export'], cwd)).at('recorded').text).toBe('same')
  })
})
