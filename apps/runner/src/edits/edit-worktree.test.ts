import { execFileSync } from 'node:child_process'
import { existsSync, linkSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { FileChange } from '@ctxlock/contracts/edits'
import { expect, onTestFinished, test } from 'vitest'

import { commitAll, git, textOf } from '../../test/support/edited-run.ts'
import { openedSession } from '../../test/support/governed-calls.ts'
import { makeWorkspace, temporaryFolder, writeFiles } from '../../test/support/workspace.ts'
import { openEditWorktree } from './edit-worktree.ts'

const FILES = { 'src/a.ts': 'a\n', 'src/b.ts': 'b\n', '.gitignore': 'ignored/\n', 'ignored/c.ts': 'c\n' }
const RUN = '11111111-1111-4111-8111-111111111111'

async function worktreeOf(root: string) {
  const session = await openedSession(root)
  const worktree = openEditWorktree(session, RUN, (work) => work())
  onTestFinished(() => worktree.close())
  return { session, worktree }
}
const change = (path: string, before: string | undefined, after: string): FileChange => ({
  path,
  kind: before === undefined ? 'create' : 'modify',
  before,
  after,
})
const A = change('src/a.ts', 'a\n', 'A\n')

test('it holds what is on disk, committed or not, and nothing reaches the files it was copied from', async () => {
  const root = makeWorkspace(FILES)
  commitAll(root)
  writeFiles(root, { 'src/b.ts': 'not committed\n', 'src/untracked.ts': 'u\n' })
  const { worktree } = await worktreeOf(root)
  expect(worktree.isGitWorktree).toBe(true)
  expect(git(root, 'worktree', 'list')).toContain(worktree.folder)
  expect(worktree.write([A, change('src/deep/new.ts', undefined, 'n\n')])).toBeUndefined()
  expect(textOf(worktree.folder, 'src/a.ts')).toBe('A\n')
  expect(textOf(worktree.folder, 'src/b.ts')).toBe('not committed\n')
  expect(textOf(worktree.folder, 'src/deep/new.ts')).toBe('n\n')
  expect(existsSync(join(worktree.folder, 'ignored'))).toBe(false)
  expect(
    git(worktree.folder, 'status', '--short')
      .split('\n')
      .map((line) => line.slice(0, 12))
      .join(),
  ).toContain(' M src/a.ts')
  expect([textOf(root, 'src/a.ts'), readdirSync(join(root, 'src')).sort()]).toEqual([
    'a\n',
    ['a.ts', 'b.ts', 'untracked.ts'],
  ])
  worktree.close()
  expect(git(root, 'worktree', 'list').trim().split('\n')).toHaveLength(1)
  expect(existsSync(worktree.folder)).toBe(false)
})

test('a folder that is no repository works as well', async () => {
  const root = makeWorkspace(FILES)
  const { worktree } = await worktreeOf(root)
  expect(worktree.isGitWorktree).toBe(false)
  expect(worktree.write([A])).toBeUndefined()
  expect(textOf(worktree.folder, 'src/a.ts')).toBe('A\n')
})

test.each([
  ['the folder of another', 'PATH_NOT_PLAIN', ['new', 'new/a.ts']],
  ['a folder that differs only in case', 'PATH_COLLISION', ['New/a.ts', 'new/b.ts']],
])('a file that stands in the way of one that is written after it, as %s, is refused', async (_, code, paths) => {
  const { worktree } = await worktreeOf(makeWorkspace(FILES))
  expect(worktree.write(paths.map((path) => change(path, undefined, 'x\n')))).toMatchObject({ code, subject: paths[1] })
})

test('nothing of the repository runs while it is made: no hook, filter, monitor or helper', async () => {
  const root = makeWorkspace({ ...FILES, '.gitattributes': '* filter=evil\n' })
  commitAll(root)
  const trap = join(temporaryFolder(), 'ran')
  const evil = `sh -c 'echo $0 >> ${trap}'`
  for (const [key, value] of [
    ['filter.evil.smudge', evil],
    ['filter.evil.process', evil],
    ['core.fsmonitor', evil],
    ['core.sshCommand', evil],
    ['credential.helper', `!${evil}`],
    ['core.pager', evil],
  ] as const)
    git(root, 'config', key, value)
  for (const hook of ['post-checkout', 'pre-commit', 'post-index-change', 'reference-transaction'])
    writeFileSync(join(root, '.git/hooks', hook), `#!/bin/sh\necho ${hook} >> ${trap}\n`, { mode: 0o755 })
  const { worktree } = await worktreeOf(root)
  expect(worktree.isGitWorktree).toBe(true)
  expect(worktree.write([A])).toBeUndefined()
  worktree.close()
  expect(existsSync(trap)).toBe(false)
})

test('every attempt begins with what was accepted, whatever the one before or its commands left', async () => {
  const root = makeWorkspace(FILES)
  commitAll(root)
  const { worktree } = await worktreeOf(root)
  const { folder } = worktree
  worktree.write([A])
  worktree.accept('MT-001', [A])
  writeFiles(folder, {
    'src/b.ts': 'made to pass\n',
    'out/x': 'x',
    '.git': 'gitdir: /elsewhere\n',
    'src/a.ts': 'undone\n',
  })
  rmSync(join(folder, '.gitignore'))
  symlinkSync('/etc', join(folder, 'src/etc'))
  const next = change('src/new.ts', undefined, 'n\n')
  worktree.restore()
  expect(worktree.write([next])).toBeUndefined()
  expect(readdirSync(folder).sort()).toEqual(['.git', '.gitignore', 'src'])
  expect(readdirSync(join(folder, 'src')).sort()).toEqual(['a.ts', 'b.ts', 'new.ts'])
  expect(['src/a.ts', 'src/b.ts', 'src/new.ts'].map((path) => textOf(folder, path))).toEqual(['A\n', 'b\n', 'n\n'])
  expect(git(folder, 'rev-parse', '--is-inside-work-tree')).toBe('true\n')

  rmSync(join(folder, 'src'), { recursive: true })
  symlinkSync(join(root, 'src'), join(folder, 'src'))
  worktree.restore()
  expect(worktree.write([change('src/a.ts', 'A\n', 'AA\n')])).toBeUndefined()
  expect([textOf(folder, 'src/a.ts'), textOf(root, 'src/a.ts')]).toEqual(['AA\n', 'a\n'])
})

test("opened again, it is the person's files and what was accepted; a changed base is refused", async () => {
  const root = makeWorkspace(FILES)
  const { session, worktree } = await worktreeOf(root)
  worktree.accept('MT-001', [A])
  writeFiles(worktree.folder, { 'left/by-a-crash': 'x' })
  writeFiles(root, { 'src/b.ts': 'edited meanwhile\n' })
  const again = openEditWorktree(session, RUN, (work) => work())
  expect(textOf(again.folder, 'src/a.ts')).toBe('A\n')
  expect(textOf(again.folder, 'src/b.ts')).toBe('edited meanwhile\n')
  expect(existsSync(join(again.folder, 'left'))).toBe(false)
  writeFiles(root, { 'src/a.ts': 'also edited\n' })
  expect(() => openEditWorktree(session, RUN, (work) => work())).toThrow(
    expect.objectContaining({ code: 'BASE_CHANGED' }),
  )
})

test('a state folder that a repository brought along does not lead the worktree elsewhere', async () => {
  const root = makeWorkspace(FILES)
  const session = await openedSession(root)
  const elsewhere = temporaryFolder()
  symlinkSync(elsewhere, join(session.state.folder, 'worktrees'))
  expect(() => openEditWorktree(session, RUN, (work) => work())).toThrow(
    expect.objectContaining({ code: 'STATE_LINKED' }),
  )
})

test('other worktrees of the repository stay, also those that cannot be found now', async () => {
  const root = makeWorkspace(FILES)
  commitAll(root)
  const away = join(temporaryFolder(), 'away')
  git(root, 'worktree', 'add', '-q', '--detach', away)
  rmSync(away, { recursive: true })
  const { worktree } = await worktreeOf(root)
  writeFiles(worktree.folder, { '.git': `gitdir: ${root}/.git/worktrees/away\n` })
  worktree.close()
  expect(git(root, 'worktree', 'list').trim().split('\n')).toHaveLength(2)
})

test('accepting the same edits twice changes nothing, accepting others is an error', async () => {
  const { worktree } = await worktreeOf(makeWorkspace(FILES))
  expect(worktree.accept('MT-001', [A])).toEqual(worktree.accept('MT-001', [A]))
  expect(() => worktree.accept('MT-001', [change('src/a.ts', 'a\n', 'other\n')])).toThrow(
    expect.objectContaining({ code: 'EDITS_DIFFER' }),
  )
})

test.each([
  ['a link to a file', 'PATH_NOT_PLAIN', (root: string) => replaceByLink(root, 'src/a.ts', '/etc/hostname')],
  ['a link to a file of the workspace', 'PATH_NOT_PLAIN', (root: string) => replaceByLink(root, 'src/a.ts', 'b.ts')],
  ['a linked folder', 'PATH_NOT_PLAIN', (root: string) => replaceByLink(root, 'src', 'real')],
  ['a folder', 'PATH_NOT_PLAIN', (root: string) => (rmSync(join(root, 'src/a.ts')), mkdirSync(join(root, 'src/a.ts')))],
  [
    'a named pipe',
    'PATH_NOT_PLAIN',
    (root: string) => (rmSync(join(root, 'src/a.ts')), execFileSync('mkfifo', [join(root, 'src/a.ts')])),
  ],
  [
    'a submodule',
    'PATH_NOT_PLAIN',
    (root: string) => writeFileSync(join(root, 'src/.git'), 'gitdir: ../.git/modules/src\n'),
  ],
  ['a name that differs in case', 'PATH_COLLISION', (root: string) => writeFileSync(join(root, 'src/A.ts'), '')],
  ['a folder that differs in case', 'PATH_COLLISION', (root: string) => mkdirSync(join(root, 'SRC'))],
  ['other bytes', 'BASE_CHANGED', (root: string) => writeFileSync(join(root, 'src/a.ts'), 'x\n')],
])('%s in place of a file is refused: %s', async (_, code, attack) => {
  const root = makeWorkspace({ ...FILES, 'real/a.ts': 'a\n' })
  attack(root)
  const { worktree } = await worktreeOf(root)
  expect(worktree.write([change('src/b.ts', 'b\n', 'B\n'), A])).toMatchObject({ code })
  if (existsSync(join(worktree.folder, 'src/b.ts'))) expect(textOf(worktree.folder, 'src/b.ts')).toBe('b\n')
})

test.each(['cafe\u0301.ts', 'CAFÉ.ts'])('creating café.ts beside %s is refused', async (other) => {
  const root = makeWorkspace({ ...FILES, [other]: 'x' })
  const { worktree } = await worktreeOf(root)
  expect(worktree.write([change('café.ts', undefined, 'x')])).toMatchObject({ code: 'PATH_COLLISION' })
})

test('packages find what is installed, their siblings in the copy, and leave the installed as it is', async () => {
  const root = makeWorkspace({
    ...FILES,
    '.gitignore': 'node_modules/\n',
    'package.json': '{}',
    'packages/one/package.json': '{}',
    'packages/one/index.js': 'module.exports = 1\n',
    'packages/two/package.json': '{}',
    'packages/two/index.js': "module.exports = [require('one'), require('@far/installed')]\n",
    'node_modules/@far/installed/index.js': "module.exports = 'installed'\n",
    'packages/two/node_modules/keep': '',
  })
  symlinkSync('../../one', join(root, 'packages/two/node_modules/one'))
  const { worktree } = await worktreeOf(root)
  const asks = () =>
    execFileSync(process.execPath, ['-p', "require('./packages/two')"], { cwd: worktree.folder, encoding: 'utf8' })
  expect(
    worktree.write([change('packages/one/index.js', 'module.exports = 1\n', 'module.exports = 2\n')]),
  ).toBeUndefined()
  expect(asks()).toBe("[ 2, 'installed' ]\n")
  rmSync(join(worktree.folder, 'node_modules/@far'), { recursive: true })
  writeFiles(worktree.folder, {
    'node_modules/.cache/x': '',
    'packages/two/node_modules/one/index.js': 'module.exports = 3\n',
  })
  worktree.restore()
  expect(asks()).toBe("[ 1, 'installed' ]\n")
  expect(readdirSync(join(root, 'node_modules'))).toEqual(['@far'])
  rmSync(join(worktree.folder, 'packages'), { recursive: true })
  symlinkSync(join(root, 'packages'), join(worktree.folder, 'packages'))
  worktree.restore()
  expect(asks()).toBe("[ 1, 'installed' ]\n")
})

test('a hard link is broken: its other name keeps the old bytes', async () => {
  const root = makeWorkspace(FILES)
  const { worktree } = await worktreeOf(root)
  const outside = join(temporaryFolder(), 'outside')
  writeFileSync(outside, 'a\n')
  rmSync(join(worktree.folder, 'src/a.ts'))
  linkSync(outside, join(worktree.folder, 'src/a.ts'))
  expect(worktree.write([A])).toBeUndefined()
  expect([textOf(worktree.folder, 'src/a.ts'), textOf(outside, '')]).toEqual(['A\n', 'a\n'])
})

function replaceByLink(root: string, path: string, target: string): void {
  rmSync(join(root, path), { recursive: true })
  symlinkSync(target, join(root, path))
}
