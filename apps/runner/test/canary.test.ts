// A canary planted as key, header, URL password and file text must not turn up where it does not belong.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { closedPort } from './support/closed-port.ts'
import { serverConfig, startChatServer } from './support/chat-server.ts'
import { ctxlock } from './support/ctxlock.ts'
import { makeWorkspace, readTree, SMALL_WORKSPACE, writeFiles } from './support/workspace.ts'

const KEY = 'sk-canary-9f3b7d1e5a8c4026b1d7e9f0'
const FILE_SECRET = 'AKIACANARY7Q2W8E4R6T'
const FILE_TEXT = 'zebra-canary-plain-sentence-41873'

const ENCODINGS: Record<string, (value: string) => string> = {
  plain: (value) => value,
  base64: (value) => Buffer.from(value).toString('base64').replace(/=+$/, ''),
  url: (value) => encodeURIComponent(value),
  hex: (value) => Buffer.from(value).toString('hex'),
}

function workspace(url: string): string {
  return makeWorkspace({
    ...SMALL_WORKSPACE,
    'src/secret-checksum.ts': `// The checksum of a box is signed.\nexport const accessKeyId = '${FILE_SECRET}' // checksum signer of a box\n`,
    'notes.txt': `${FILE_TEXT}\n`,
    'ctxlock.config.json': serverConfig(url, { recorder: { keep_payloads: true } }),
  })
}

function occurrences(root: string, value: string): string[] {
  return readTree(join(root, '.ctxlock')).flatMap(({ path, bytes }) =>
    Object.entries(ENCODINGS)
      .filter(([, encode]) => bytes.includes(encode(value)))
      .map(([name]) => `${path} (${name})`),
  )
}

for (const failure of ['success', 'server echoes the key', 'connection refused'] as const) {
  test(`T-X-PROV-05: the provider key is in no file and no output: ${failure}`, async () => {
    const server = await startChatServer(
      failure === 'server echoes the key'
        ? {
            status: 401,
            errorBody: JSON.stringify({
              error: { message: `Incorrect API key provided: Authorization: Bearer ${KEY}`, code: 'invalid_api_key' },
            }),
          }
        : {},
    )
    const url = failure === 'connection refused' ? await closedPort() : server.url
    const cwd = workspace(url)
    const env = { CTXLOCK_TEST_KEY: KEY, XDG_CONFIG_HOME: join(cwd, '..', 'config-home') }
    const results = [
      await ctxlock(['ask', 'How is the checksum of a box computed?'], { cwd, env }),
      await ctxlock(['ask', 'How is the checksum of a box computed?', '--json'], { cwd, env }),
      await ctxlock(['why', 'last'], { cwd, env }),
      await ctxlock(['verify', '--json'], { cwd, env }),
      await ctxlock(['providers', '--json'], { cwd, env }),
      await ctxlock(['lock', '--json'], { cwd, env }),
    ]
    if (failure === 'success') {
      expect(results[0]?.code, results[0]?.stderr).toBe(0)
      expect(server.headers[0]?.authorization).toBe(`Bearer ${KEY}`)
    } else {
      expect(results[0]?.code).toBe(5)
    }
    for (const result of results) expect(result.stdout + result.stderr).not.toContain(KEY)
    expect(occurrences(cwd, KEY)).toEqual([])
  })
}

for (const flags of [[], ['--stream']]) {
  test(`a server that repeats the key in its answer is not listened to: ${flags.join(' ') || 'plain'}`, async () => {
    const server = await startChatServer({ reply: () => `You sent Bearer ${KEY} to me.` })
    const cwd = workspace(server.url)
    const env = { CTXLOCK_TEST_KEY: KEY, XDG_CONFIG_HOME: join(cwd, '..', 'config-home') }
    const asked = await ctxlock(['ask', 'How is the checksum of a box computed?', ...flags], { cwd, env })
    expect([asked.code, asked.stderr]).toEqual([5, expect.stringContaining('holds the key of this provider')])
    expect(asked.stdout + asked.stderr).not.toContain(KEY)
    expect(occurrences(cwd, KEY)).toEqual([])
    expect((await ctxlock(['verify'], { cwd, env })).stdout).toMatch(/runs +1 recorded, 0 incomplete/)
  })
}

test('a server that lists the key as a model is not added, and the key is not printed', async () => {
  const server = await startChatServer({ model: KEY })
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  const added = await ctxlock(
    ['providers', 'add', 'near', '--url', `${server.url}/v1`, '--key-env', 'CTXLOCK_TEST_KEY'],
    {
      cwd,
      env: { CTXLOCK_TEST_KEY: KEY },
    },
  )
  expect([added.code, added.stderr]).toEqual([5, expect.stringContaining('holds the key of this provider')])
  expect(added.stdout + added.stderr).not.toContain(KEY)
  expect(readTree(cwd).filter(({ bytes }) => bytes.includes(KEY))).toEqual([])
})

test('a secret in a file enters no pack, event or object; it stays in the file', async () => {
  const server = await startChatServer()
  const cwd = workspace(server.url)
  const env = { CTXLOCK_TEST_KEY: KEY, XDG_CONFIG_HOME: join(cwd, '..', 'config-home') }
  expect((await ctxlock(['lock'], { cwd, env })).code).toBe(0)
  await ctxlock(['ask', 'Which box checksum signer is used?'], { cwd, env })
  expect(occurrences(cwd, FILE_SECRET)).toEqual([])
})

test('T-X-CP-02: a provider key that stands in a source enters no pack, event, object or bundle, in none of its spellings', async () => {
  const key = 'blue-horse/battery+staple=77'
  const spellings = Object.values(ENCODINGS).slice(0, 3)
  const server = await startChatServer()
  const cwd = workspace(server.url)
  const lines = spellings.map(
    (encode, index) => `## Checksum ${index} ${encode(key)}\n\nYou MUST sign with ${encode(key)}.\n`,
  )
  writeFiles(cwd, { 'src/signer.md': `# The box checksum signer\n\n${lines.join('\n')}` })
  const env = { CTXLOCK_TEST_KEY: key, XDG_CONFIG_HOME: join(cwd, '..', 'config-home') }
  expect((await ctxlock(['lock'], { cwd, env })).code).toBe(0)
  expect((await ctxlock(['ask', 'Which box checksum signer is used?'], { cwd, env })).code).toBe(0)
  const bundle = join(cwd, '.ctxlock', 'bundle.jsonl')
  expect((await ctxlock(['export', 'last', '--redact', 'none', '--output', bundle], { cwd, env })).code).toBe(0)
  expect(occurrences(cwd, key)).toEqual([])
  expect(readFileSync(join(cwd, 'ctxlock.lock'), 'utf8')).not.toMatch(/horse|battery/)
})

test('the text of a file that no pack quotes is in no object, no event and no log', async () => {
  const server = await startChatServer()
  const cwd = workspace(server.url)
  const env = { CTXLOCK_TEST_KEY: KEY, XDG_CONFIG_HOME: join(cwd, '..', 'config-home') }
  expect((await ctxlock(['ask', 'How is the checksum of a box computed?'], { cwd, env })).code).toBe(0)
  const found = occurrences(cwd, FILE_TEXT).filter((place) => !place.includes('state.db'))
  expect(found).toEqual([])
})

test('a password in a provider URL is refused without being printed', async () => {
  const password = 'pw-canary-7781-qx'
  const cwd = makeWorkspace({
    ...SMALL_WORKSPACE,
    'ctxlock.config.json': serverConfig(`http://user:${password}@127.0.0.1:9`),
  })
  const result = await ctxlock(['ask', 'How is the checksum of a box computed?'], {
    cwd,
    env: { CTXLOCK_TEST_KEY: KEY },
  })
  expect(result.code).not.toBe(0)
  expect(result.stdout + result.stderr).not.toContain(password)
  expect(occurrences(cwd, password)).toEqual([])
})
