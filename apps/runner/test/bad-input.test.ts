// Every mistake ends in one clear message that names the field, with a non-zero code, and leaves earlier state readable.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import { serverConfig } from './support/chat-server.ts'
import { ctxlock, ctxlockJson } from './support/ctxlock.ts'
import { makeWorkspace, SMALL_WORKSPACE, temporaryFolder, writeFiles } from './support/workspace.ts'

const QUESTION = 'How is the checksum of a box computed?'

const CONFIGS: Record<string, readonly [config: string | Uint8Array, said: RegExp]> = {
  'not JSON': ['{"schema_version": "ctxlock.config@1",', /syntax error/],
  'unknown field': ['{"schema_version":"ctxlock.config@1","colour":"red"}', /unknown field `colour`/],
  'unknown nested field': [
    '{"schema_version":"ctxlock.config@1","rules":{"files":[],"max":3}}',
    /unknown field `max` in `rules`/,
  ],
  'wrong type': ['{"schema_version":"ctxlock.config@1","rules":{"files":"AGENTS.md"}}', /`rules\.files`.*got a text/],
  'missing version': ['{}', /`schema_version`.*missing/],
  'other version': ['{"schema_version":"ctxlock.config@2"}', /`schema_version`/],
  'not UTF-8': [new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), /not UTF-8/],
  'a rule file that is not there': [
    '{"schema_version":"ctxlock.config@1","rules":{"files":["NOWHERE.md"]}}',
    /NOWHERE\.md.*missing/,
  ],
  'an unknown profile': [
    '{"schema_version":"ctxlock.config@1","active_profile":"fast"}',
    /`active_profile` names fast/,
  ],
  'an unknown pattern pack': [
    '{"schema_version":"ctxlock.config@1","policy":{"injection_packs":["override"]}}',
    /`policy\.injection_packs\.0`.*"override-phrases"\|"tool-call-lures"\|"other-languages"\|"misspellings"/,
  ],
  'a path that leaves the workspace': [
    '{"schema_version":"ctxlock.config@1","rules":{"files":["../x.md"]}}',
    /`rules\.files\.0`/,
  ],
  'an unknown plugin': ['{"schema_version":"ctxlock.config@1","plugins":["@nobody/nothing"]}', /@nobody\/nothing/],
  'an unknown anchor': [
    '{"schema_version":"ctxlock.config@1","recorder":{"anchors":[{"name":"nope"}]}}',
    /`recorder\.anchors`.*nope.*\n.*`git` is built in/,
  ],
  'an unknown provider kind': [
    serverConfig('http://127.0.0.1:1').replace('openai_compat', 'telepathy'),
    /telepathy|kind/,
  ],
  'a key in the config': [
    serverConfig('http://127.0.0.1:1').replace(
      '"m1","models"',
      '"sk-proj-AbCdEf0123456789AbCdEf0123456789AbCdEf0123456789","models"',
    ),
    /secret/i,
  ],
}

for (const [name, [config, said]] of Object.entries(CONFIGS)) {
  test(`a broken config is refused with its field: ${name}`, async () => {
    const cwd = makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': config })
    const result = await ctxlock(['ask', QUESTION], { cwd })
    expect(result.code, result.stdout).toBe(2)
    expect(result.stderr).toMatch(said)
    expect(result.stderr).toMatch(/^error: .*\n {2}\S/)
    expect(result.stderr).not.toMatch(/\n\s+at /)
    expect(result.stderr).not.toContain('sk-proj-AbCdEf')
    const json = await ctxlockJson(['ask', QUESTION], { cwd })
    expect(json.value.at('error', 'exit').raw).toBe(2)
  })
}

test('a name that a config holds does not drive the terminal on which it is refused', async () => {
  const config = '{"schema_version":"ctxlock.config@1","a\\u001b[2J\\u009b2J\\u202eb":1}'
  const { stderr } = await ctxlock(['ask', QUESTION], {
    cwd: makeWorkspace({ ...SMALL_WORKSPACE, 'ctxlock.config.json': config }),
  })
  expect(stderr).toContain('unknown field `a␛[2J<U+009B>2J<U+202E>b`')
})

test('a wrong command line says what was expected', async () => {
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  for (const [args, said] of [
    [['frobnicate'], /unknown command/],
    [['help', 'frobnicate'], /unknown command 'frobnicate'/],
    [
      ['consent', 'aprove', 'x'],
      /unknown command 'aprove'\n.*Did you mean approve.*\n.*list, show, approve, deny, revoke/,
    ],
    [['providers', 'remove', 'x'], /unknown command 'remove'\n.*list, add, test, export/],
    [['export', 'bundel', 'last'], /unknown command 'bundel'\n.*Did you mean bundle/],
    [['profile', 'list', 'x'], /too many arguments for 'list'/],
    [['ask'], /missing required argument .question.\n  For example `ctxlock ask "How .*`; `ctxlock ask --help` lists/],
    [['ask', ''], /empty/],
    [['ask', QUESTION, '--stale', 'maybe'], /fallback/],
    [['ask', QUESTION, '--max-tokens', '-4'], /whole number/],
    [['consent', 'approve', 'last', '--minutes', '1e3'], /whole number/],
    [['ask', QUESTION, '--model', 'gpt-9'], /gpt-9.*known are extractive/],
    [['ask', QUESTION, '--workspace', 'nowhere'], /nowhere/],
    [['show', 'ffffffff'], /nothing is recorded|no call ffffffff/],
    [['check'], /no ctxlock\.lock/],
    [['run', 'nowhere.json'], /nowhere\.json/],
  ] as const) {
    const result = await ctxlock(args, { cwd })
    expect(result.code, args.join(' ')).toBe(2)
    expect(result.stderr, args.join(' ')).toMatch(said)
  }
})

test('a bad task file is explained with rule, field and example', async () => {
  const good = {
    schema_version: 'ctxlock.task@1',
    goal: 'Explain.',
    scope: ['src/'],
    done: ['Explained.'],
    expected_output: 'structured_answer',
  }
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  for (const [task, said] of [
    [{ ...good, goal: undefined }, /`goal`/],
    [{ ...good, colour: 'red' }, /unknown field `colour`/],
    [{ ...good, scope: ['/etc'] }, /`scope\.0`/],
    [
      { ...good, files: { modify: ['docs-src/transport.md'] }, expected_output: 'patch', verify: ['true'] },
      /MT-VAL-005.*For example/s,
    ],
    [{ ...good, role: 'pilot' }, /role pilot/],
    [{ ...good, steps: [{ name: 'a', goal: 'A', depends_on: ['b'] }] }, /depends_on/],
  ] as const) {
    writeFiles(cwd, { 'task.json': JSON.stringify(task) })
    const result = await ctxlock(['run', 'task.json'], { cwd })
    expect(result.code, result.stdout).toBe(2)
    expect(result.stderr).toMatch(said)
  }
})

test('unreadable, binary, huge, empty, non-UTF-8, linked-outside and odd files are told apart, and none stops the rest', async () => {
  const outside = temporaryFolder()
  writeFileSync(join(outside, 'secret.txt'), 'outside\n')
  const cwd = makeWorkspace({
    ...SMALL_WORKSPACE,
    'binary.dat': new Uint8Array([1, 0, 2, 0]),
    'latin1.txt': new Uint8Array([0x63, 0x61, 0x66, 0xe9, 0x0a]),
    'empty.txt': '',
    'huge.txt': 'x'.repeat(1_100_000),
    'broken.ts': 'export function {{{ checksum of a box',
    'minified.js': `${'var a=1;'.repeat(20_000)}\n`,
    'secrets.ts': "export const password = 'hunter2hunter2hunter2'\n",
  })
  symlinkSync(join(outside, 'secret.txt'), join(cwd, 'linked-outside.txt'))
  symlinkSync(outside, join(cwd, 'linked-folder'))
  symlinkSync('src', join(cwd, 'linked-src'))
  symlinkSync('README.md', join(cwd, 'linked-inside.md'))
  symlinkSync('nowhere', join(cwd, 'dangling'))
  mkdirSync(join(cwd, 'locked'))
  const lock = await ctxlock(['lock'], { cwd })
  expect(lock.code, lock.stderr).toBe(0)
  const { value } = await ctxlockJson(['check'], { cwd })
  expect(value.at('status').text).toBe('matches')
  const text = readFileSync(join(cwd, 'ctxlock.lock'), 'utf8')
  for (const line of [
    /"path": "binary\.dat".*"not_packed": "binary"/,
    /"path": "latin1\.txt".*"not_packed": "not_utf8"/,
    /"path": "empty\.txt".*"not_packed": "PACK_NOT_ANCHORED"/,
    /"path": "huge\.txt", "size": 1100000, "hash": "[0-9a-f]{64}", "not_packed": "too_large"/,
    /"path": "broken\.ts".*"pack"/,
    /"path": "minified\.js".*"reason": "minified"/,
    /"path": "linked-outside\.txt".*"reason": "symlink_outside_workspace"/,
    /"path": "linked-folder".*"reason": "symlink_outside_workspace"/,
    /"path": "linked-src".*"reason": "symlinked_directory"/,
    /"path": "linked-inside\.md".*"pack"/,
    /"path": "dangling".*"reason": "symlink_broken"/,
  ]) {
    expect(text).toMatch(line)
  }
  expect(text).not.toContain('outside\\n')
  expect((await ctxlock(['ask', QUESTION], { cwd })).code).toBe(0)
})

test('a file that escapes by a link after the listing is not read', async () => {
  const outside = temporaryFolder()
  writeFileSync(join(outside, 'checksum.txt'), 'The checksum of a box is outside-canary-5521.\n')
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  symlinkSync(outside, join(cwd, 'out'))
  const result = await ctxlock(['ask', QUESTION, '--file', 'out/checksum.txt'], { cwd })
  expect(result.code).toBe(2)
  expect(result.stderr).toMatch(/out\/checksum\.txt.*outside workspace/)
  expect(result.stdout + result.stderr).not.toContain('outside-canary-5521')
})

// Root writes everywhere; for root the next test covers a state that cannot be opened.
test.runIf(process.getuid?.() !== 0)(
  'a state folder that cannot be written is refused, and check still works',
  async () => {
    const cwd = makeWorkspace(SMALL_WORKSPACE)
    await ctxlock(['lock'], { cwd })
    chmodSync(join(cwd, '.ctxlock'), 0o500)
    expect((await ctxlock(['ask', QUESTION], { cwd })).code).toBe(1)
    expect((await ctxlock(['check'], { cwd })).code).toBe(0)
    chmodSync(join(cwd, '.ctxlock'), 0o700)
  },
)

test('a state that is a file, damaged or half-written is one message and loses nothing', async () => {
  const asFile = makeWorkspace({ ...SMALL_WORKSPACE, '.ctxlock': 'not a folder' })
  const refused = await ctxlock(['ask', QUESTION], { cwd: asFile })
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(/state folder/)

  const cwd = makeWorkspace(SMALL_WORKSPACE)
  await ctxlock(['ask', QUESTION], { cwd })
  writeFileSync(join(cwd, '.ctxlock', 'digest.key'), 'short')
  const damaged = await ctxlock(['ask', QUESTION], { cwd })
  expect(damaged.code).toBe(7)
  expect(damaged.stderr).toContain('digest.key is missing or damaged')
})

// The shell's limit on file size makes every larger write fail, as a full disk does.
test.each([8, 200, 600])(
  'a disk that is full after %i blocks ends in one message, and what was recorded stays readable',
  async (blocks) => {
    const cwd = makeWorkspace(SMALL_WORKSPACE)
    expect((await ctxlock(['ask', QUESTION], { cwd })).code).toBe(0)
    const full = await ctxlock(['ask', QUESTION], { cwd, fileBlocks: blocks })
    expect(full.signal).toBe(null)
    expect(full.code).toBe(1)
    expect(full.stderr).toMatch(/^error: .*\n {2}\S/)
    const { code, value } = await ctxlockJson(['verify'], { cwd })
    expect(code, JSON.stringify(value.raw)).toBe(0)
    expect((await ctxlock(['show', 'last'], { cwd })).code).toBe(0)
    expect((await ctxlock(['ask', QUESTION], { cwd })).code).toBe(0)
  },
)

test('the own folders are never read, not even through a link', async () => {
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  mkdirSync(join(cwd, '.git'))
  writeFileSync(join(cwd, '.git', 'config'), '[remote]\n  url = https://canary-7f3a@example.com\n')
  symlinkSync('.git/config', join(cwd, 'notes.md'))
  for (const file of ['notes.md', '.git/config']) {
    const named = await ctxlock(['ask', QUESTION, '--file', file], { cwd })
    expect(named.code, file).toBe(2)
    expect(named.stderr).toContain(file)
  }
  const asked = await ctxlock(['ask', 'Which url has canary-7f3a?'], { cwd })
  expect(asked.stdout).not.toContain('canary-7f3a@example.com')
  expect((await ctxlock(['lock'], { cwd })).code).toBe(0)
  expect(readFileSync(join(cwd, 'ctxlock.lock'), 'utf8')).toContain(
    '"path": "notes.md", "reason": "symlink_to_excluded"',
  )
})

test('a wrong command line is one JSON object too', async () => {
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  for (const args of [['frobnicate'], ['ask'], ['ask', QUESTION, '--no-such-option']]) {
    const { code, value, stderr } = await ctxlockJson(args, { cwd })
    expect(code, args.join(' ')).toBe(2)
    expect(value.at('error', 'code').text).toBe('USAGE')
    expect(stderr).not.toContain('{')
  }
})

test.runIf(process.platform !== 'win32')('a pipe in place of a file does not hang a command', async () => {
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  for (const name of ['.gitignore', 'notes.md']) execFileSync('mkfifo', [join(cwd, name)])
  const asked = await ctxlock(['ask', QUESTION], { cwd })
  expect([0, 2]).toContain(asked.code)
  const named = await ctxlock(['ask', QUESTION, '--file', 'notes.md'], { cwd })
  expect(named.code).toBe(2)
})

test.runIf(process.platform !== 'win32')('a reader that goes away early does not change the exit code', async () => {
  const cwd = makeWorkspace(SMALL_WORKSPACE)
  expect((await ctxlock(['lock'], { cwd })).code).toBe(0)
  for (let file = 0; file < 3000; file += 1) writeFileSync(join(cwd, `added-${file}.md`), 'x')
  const script = '"$0" "$@" | head -n 1 >/dev/null; echo "${PIPESTATUS[0]}"'
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const codes = execFileSync('bash', ['-c', script, process.execPath, main, 'check'], { cwd, encoding: 'utf8' })
  expect(codes.trim()).toBe('3')
})

test('a run that was never started cannot be resumed', async () => {
  const task = { schema_version: 'ctxlock.task@1', goal: QUESTION, scope: ['src/'], done: ['Explained.'] }
  const taskFile = JSON.stringify({ ...task, expected_output: 'structured_answer' })
  const cwd = makeWorkspace({ ...SMALL_WORKSPACE, 'task.json': taskFile })
  const result = await ctxlock(['run', 'task.json', '--resume', '0199aaaa-0000-7000-8000-000000000000'], { cwd })
  expect(result.code, result.stderr).toBe(2)
  expect(result.stderr).toContain('0199aaaa')
})
