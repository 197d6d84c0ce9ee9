// With --frozen only what the lockfile states is sent; everything else is named, exit 3, and nothing leaves.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { bytesHash } from '@ctxlock/core-hash'
import { expect, onTestFinished, test, vi } from 'vitest'

import { serverConfig, startChatServer } from './support/chat-server.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, SMALL_WORKSPACE, writeFiles } from './support/workspace.ts'

const TASK = {
  schema_version: 'ctxlock.task@1',
  goal: 'How is the checksum of a box computed?',
  scope: ['src/', 'README.md'],
  done: ['The function is named.'],
  files: { read: ['src/checksum.ts'] },
  expected_output: 'structured_answer',
}

test('a locked task states its scope, its files and the spans of its prompt, and only that is sent', async () => {
  const server = await startChatServer()
  vi.stubEnv('CTXLOCK_TEST_KEY', 'sk-test-frozen-0123456789')
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  const cwd = makeWorkspace({
    ...SMALL_WORKSPACE,
    'ctxlock.config.json': serverConfig(server.url, { tasks: ['task.json'] }),
    'task.json': JSON.stringify(TASK),
    'other.json': JSON.stringify({ ...TASK, goal: 'What is a depot?' }),
  })
  expect((await ctxlockHere(['lock'], cwd)).code).toBe(0)
  const lock: { reads: { reason: string }[] } = JSON.parse(readFileSync(join(cwd, 'ctxlock.lock'), 'utf8'))
  expect(lock.reads).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ role: 'worker', reason: 'rules', source: expect.stringMatching(/^ctxlock:rules$/) }),
      { role: 'worker', task: 'task.json#MT-001', reason: 'named', source: 'file:src/checksum.ts' },
      expect.objectContaining({ task: 'task.json#MT-001', reason: 'scope', pattern: 'src/', sources: 2 }),
      expect.objectContaining({ task: 'task.json#MT-001', reason: 'scope', pattern: 'README.md', sources: 1 }),
      expect.objectContaining({
        reason: 'selected',
        source: 'file:src/checksum.ts',
        span: expect.stringMatching(/^lines:/),
      }),
    ]),
  )

  const run = await ctxlockHere(['run', join(cwd, 'task.json'), '--frozen'], cwd)
  expect(server.bodies, run.stderr).toHaveLength(1)
  for (const [args, said] of [
    [['run', join(cwd, 'other.json'), '--frozen'], /task other\.json#MT-001 is not in the lockfile/],
    [['run', join(cwd, 'task.json'), '--frozen', '--stale', 'fail'], /task task\.json#MT-001 is not as locked/],
  ] as const) {
    const refused = await ctxlockHere(args, cwd)
    expect(refused.code, refused.stdout).toBe(3)
    expect(refused.stderr).toMatch(said)
  }

  writeFiles(cwd, { 'src/depot.ts': 'export const depot = 1\n', 'src/new.ts': 'export const box = 1\n' })
  const changed = await ctxlockHere(['ask', TASK.goal, '--frozen'], cwd)
  expect(changed.code).toBe(3)
  expect(changed.stderr).toMatch(/not what ctxlock\.lock states: changed src\/depot\.ts; added src\/new\.ts\n/)
  expect(server.bodies).toHaveLength(1)
})

test('why says of a path which pack, tasks and rules it is in, or which rule keeps it out', async () => {
  const cwd = makeWorkspace({
    ...SMALL_WORKSPACE,
    '.gitignore': '# output\nbuild/\n*.tmp\n',
    'build/out.js': 'x\n',
    'a.tmp': 'x\n',
    'task.json': JSON.stringify(TASK),
    'ctxlock.config.json': JSON.stringify({ schema_version: 'ctxlock.config@1', sources: { exclude: ['docs-src/'] } }),
  })
  expect((await ctxlockHere(['lock', '--task', 'task.json'], cwd)).code).toBe(0)
  const included = await ctxlockHere(['why', 'src/checksum.ts'], cwd)
  expect(included.code, included.stderr).toBe(0)
  for (const line of [
    /^src\/checksum\.ts: source/,
    /lockfile +as locked/,
    /locked +[0-9a-f]{64}, \d+ bytes, \d+ tokens/,
    /pack +[0-9a-f]{64}/,
    /task +task\.json#MT-001: in scope by src\//,
    /task +task\.json#MT-001: named by the task/,
    /task +task\.json#MT-001: lines:\d+-\d+ stands in its prompt/,
  ]) {
    expect(included.stdout).toMatch(line)
  }
  expect(included.stdout).not.toMatch(/^now /m)
  for (const [path, said] of [
    ['build/out.js', /left out, \.gitignore line 2: build\//],
    ['a.tmp', /left out, \.gitignore line 3: \*\.tmp/],
    ['docs-src/transport.md', /left out, `sources\.exclude` of the config: docs-src\//],
    ['ctxlock.lock', /left out, ctxlock never takes it/],
    ['src', /folder, 2 sources lie in it/],
  ] as const) {
    expect((await ctxlockHere(['why', path], cwd)).stdout, path).toMatch(said)
  }
  const edited = 'export const sum = 2\n'
  writeFileSync(join(cwd, 'src/checksum.ts'), edited)
  const changed = (await ctxlockHere(['why', 'src/checksum.ts'], cwd)).stdout
  expect(changed).toContain(/^locked .*/m.exec(included.stdout)?.[0])
  expect(changed).toContain(`now        ${bytesHash(Buffer.from(edited))}`)
  const neither = await ctxlockHere(['why', 'nowhere.ts'], cwd)
  expect(neither.code).toBe(2)
  expect(neither.stderr).toMatch(/neither a path of this workspace nor the id of a call/)
})

test('a lockfile is compared with another, and with that of a git revision', async () => {
  const cwd = makeWorkspace({ ...SMALL_WORKSPACE, 'task.json': JSON.stringify(TASK) })
  expect((await ctxlockHere(['lock', '--task', 'task.json'], cwd)).code).toBe(0)
  writeFileSync(join(cwd, 'old.lock'), readFileSync(join(cwd, 'ctxlock.lock')))
  writeFiles(cwd, { 'src/new.ts': 'export const box = 1\n', '.gitignore': 'old.lock\n' })
  const lock = await ctxlockHere(['lock'], cwd)
  expect(lock.stdout).toContain('no longer locked: task.json')
  const diff = await ctxlockHere(['diff', join(cwd, 'old.lock')], cwd)
  expect(diff.code, diff.stderr).toBe(0)
  for (const line of [
    /added +src\/new\.ts {2}new [0-9a-f]{64}/,
    /removed +task task\.json#MT-001/,
    /removed +task task\.json#MT-001 may read src\/: 2 sources/,
  ]) {
    expect(diff.stdout).toMatch(line)
  }
  const base = await ctxlockHere(['diff', '--base', '--output=x'], cwd)
  expect(base.code).toBe(2)
  expect(base.stderr).toMatch(/git has no ctxlock\.lock at --output=x/)
})
