import { execFileSync } from 'node:child_process'
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { ctxlock, ctxlockJson } from './support/ctxlock.ts'
import { makeWorkspace, readTree, SMALL_WORKSPACE, temporaryFolder, writeFiles } from './support/workspace.ts'

const TIME = 300_000

function git(root: string, ...args: readonly string[]): void {
  execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.invalid', ...args], {
    cwd: root,
    stdio: 'ignore',
  })
}

/** Every file with its bytes and times. */
function snapshot(root: string) {
  return readTree(root).map(({ path, bytes }) => [path, bytes.toString('base64'), statSync(path).mtimeMs])
}

test(
  'a lock is the same under five conditions, with uncommitted work, and nothing is written',
  { timeout: TIME },
  async () => {
    const root = makeWorkspace({ ...SMALL_WORKSPACE, 'gone.md': '# Gone\n' })
    git(root, 'init', '--quiet')
    git(root, 'add', '--all')
    git(root, 'commit', '--quiet', '--message', 'start')
    writeFiles(root, {
      'src/depot.ts': 'export const uncommitted = 1\n',
      'src/untracked.ts': 'export const untracked = 2\n',
    })
    rmSync(join(root, 'gone.md'))
    const scratch = temporaryFolder()
    const before = snapshot(root)
    const { code, value, stderr } = await ctxlockJson(['try', 'lock', '--yes'], { cwd: root, env: { TMPDIR: scratch } })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const variations = value.at('variations').items
    expect(variations.map((variation) => variation.at('result').text)).toEqual(Array(5).fill('identical'))
    expect(variations.map((variation) => variation.at('note').text)).toEqual([
      'the last commit, with 3 uncommitted files laid over it',
      'another path as well',
      'tr-TR',
      'Pacific/Kiritimati',
      'every modification time changed',
    ])
    expect(
      new Set([value.at('lock_sha256').text, ...variations.map((variation) => variation.at('hash').text)]).size,
    ).toBe(1)
    expect(value.at('edit').raw).toMatchObject({
      path: 'README.md',
      lines: { added: ['one line that was not there before'], removed: [] },
      policies: [
        { stale_handling: 'fallback', decision_row: 'D01', exit: 0 },
        { stale_handling: 'degrade_and_fallback', decision_row: 'D05', exit: 9 },
        { stale_handling: 'fail', decision_row: 'D06', exit: 3 },
      ],
    })
    expect(snapshot(root)).toEqual(before)
    expect(readTree(scratch)).toEqual([])
  },
)

test('a file that git leaves out of a checkout shows as the first differing line', { timeout: TIME }, async () => {
  const root = makeWorkspace({ ...SMALL_WORKSPACE, '.gitattributes': 'src/depot.ts text eol=crlf\n' })
  git(root, 'init', '--quiet')
  git(root, 'add', '--all')
  git(root, 'commit', '--quiet', '--message', 'start')
  const { code, stdout } = await ctxlock(['try', 'lock'], { cwd: root })
  expect(stdout).toMatch(/^different .*shallow clone/m)
  expect(stdout).toMatch(/first differing byte \d+, line \d+\n.*here .*src\/depot\.ts.*\n.*there .*src\/depot\.ts/)
  expect(stdout).toContain('4/5 identical')
  expect(code).toBe(7)
})

test('outside git the clone is skipped, and the count says so', { timeout: TIME }, async () => {
  const { code, stdout } = await ctxlock(['try', 'lock', '--yes'], { cwd: makeWorkspace(SMALL_WORKSPACE) })
  expect(stdout).toMatch(/^skipped .*in no git repository/m)
  expect(stdout).toContain('4/4 identical, 1 skipped')
  expect(code).toBe(0)
})

test('Ctrl-C leaves no temporary folder', { timeout: TIME }, async () => {
  const root = makeWorkspace(SMALL_WORKSPACE)
  const scratch = temporaryFolder()
  const { code, stderr } = await ctxlock(['try', 'lock'], {
    cwd: root,
    env: { TMPDIR: scratch },
    onStart: (kill) => {
      const poll = setInterval(() => {
        if (readTree(scratch).length === 0) return
        clearInterval(poll)
        kill('SIGINT')
      }, 20)
    },
  })
  expect([code, stderr]).toEqual([130, expect.stringContaining('stopped')])
  expect(readTree(scratch)).toEqual([])
})

test.each([
  ['another subject', ['try', 'everything'], {}, 'expected `ctxlock try lock`'],
  ['a folder without text', ['try', 'lock'], {}, 'nothing to edit'],
])('%s is refused', { timeout: TIME }, async (_, args, env, message) => {
  const { code, stderr } = await ctxlock(args, { cwd: temporaryFolder(), env })
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
})

test('a temporary folder inside the workspace is refused', { timeout: TIME }, async () => {
  const root = makeWorkspace(SMALL_WORKSPACE)
  writeFileSync(join(root, 'ctxlock.config.json'), '{"schema_version":"ctxlock.config@1"}')
  const { code, stderr } = await ctxlock(['try', 'lock'], { cwd: root, env: { TMPDIR: join(root, 'src') } })
  expect([code, stderr]).toEqual([2, expect.stringContaining('lies inside the workspace')])
})
