// Every kind of change is named with both hashes, its reason and the changed lines.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

import { bytesHash } from '@ctxlock/core-hash'
import { expect, test } from 'vitest'

import { reportChanges, type ReportedChange } from '../src/changes/change-report.ts'
import { readLockfile } from '../src/lock/lockfile-file.ts'
import { checkWorkspace } from '../src/lock/workspace-check.ts'
import { ctxlockHere } from './support/in-process.ts'
import { temporaryFolder, writeFiles } from './support/workspace.ts'

const PASSWORD = 'hunter2hunter2hunter2'
const FILES = {
  '.gitignore': '*.log\nbuild/\n',
  'src/edited.md': 'one\ntwo\nthree\nfour\n',
  'src/deleted.md': 'gone\n',
  'src/moved.md': 'moved as it is\n',
  'src/case.md': 'only the case changes\n',
  'encoding.txt': 'caf\n',
  'endings.txt': 'first\nsecond\n',
  'run.sh': 'echo run\n',
  'secrets.ts': `export const password = "${PASSWORD}"\nconst a = 1\n`,
  'trace.log': 'not a source\n',
  'vendor-data/list.md': 'left out by the config later\n',
}

function git(cwd: string, ...args: readonly string[]): string {
  const settings = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'protocol.file.allow=always']
  return execFileSync('git', [...settings, ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}

/** A repository whose files are locked and committed. */
async function lockedRepository(
  files: Readonly<Record<string, string | Uint8Array>>,
  prepare?: (root: string) => void,
): Promise<string> {
  const cwd = temporaryFolder()
  git(cwd, 'init', '-q', '-b', 'main')
  writeFiles(cwd, files)
  prepare?.(cwd)
  expect((await ctxlockHere(['lock'], cwd)).code).toBe(0)
  git(cwd, 'add', '-A')
  git(cwd, 'commit', '-q', '-m', 'locked')
  return cwd
}

async function changesIn(root: string): Promise<readonly ReportedChange[]> {
  const lockfile = readLockfile(root)
  const check = await checkWorkspace(root, lockfile, () => {})
  return reportChanges(lockfile, check, { root, linesPerFile: 20 })
}

/** The change of one path. */
async function changeOf(root: string, path: string): Promise<ReportedChange> {
  const change = (await changesIn(root)).find((one) => one.path === path)
  if (!change) throw new Error(`nothing is said about ${path}`)
  return change
}

test('a pointer of Git LFS and its content are told from an edit, either way', async () => {
  const content = Buffer.from([0x89, 0x50, 0, 1, 2, 3])
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${bytesHash(content)}\nsize ${content.length}\n`
  const cwd = await lockedRepository({ 'locked.png': content, 'pointer.png': pointer, 'edited.png': content })
  writeFiles(cwd, {
    'locked.png': pointer,
    'pointer.png': content,
    'edited.png': pointer.replace(/[0-9a-f]{8}/, '0'.repeat(8)),
  })
  const forms = Object.fromEntries((await changesIn(cwd)).map(({ path, lines }) => [path, lines?.form]))
  expect(forms).toEqual({
    'edited.png': ['encoding: binary → UTF-8'],
    'locked.png': ['Git LFS: a pointer is here, and its content was locked; `git lfs pull` fetches it'],
    'pointer.png': ['Git LFS: the content is here, and its pointer was locked; lock where LFS files are fetched'],
  })
})

test('edit, delete, add, rename, case, mode, symlink, encoding and line endings, each with its hashes and lines', async () => {
  const cwd = await lockedRepository(FILES, (root) => {
    chmodSync(join(root, 'run.sh'), 0o755)
    symlinkSync('src/edited.md', join(root, 'link.md'))
  })
  expect(await changesIn(cwd)).toEqual([])

  writeFiles(cwd, {
    'src/edited.md': 'one\nTWO\u202E\nthree\nfour\nfive\n',
    'added.md': 'new\n',
    'encoding.txt': Buffer.from('\uFEFFcaf\n', 'utf16le'),
    'endings.txt': 'first\r\nsecond\r\n',
    'secrets.ts': `export const password = "${PASSWORD.replaceAll('2', '3')}"\nconst a = 2\n`,
    '.gitignore': 'build/\n',
  })
  rmSync(join(cwd, 'src/deleted.md'))
  renameSync(join(cwd, 'src/moved.md'), join(cwd, 'moved.md'))
  renameSync(join(cwd, 'src/case.md'), join(cwd, 'src/Case.md'))
  chmodSync(join(cwd, 'run.sh'), 0o644)
  unlinkSync(join(cwd, 'link.md'))
  symlinkSync('endings.txt', join(cwd, 'link.md'))

  const hash = expect.stringMatching(/^[0-9a-f]{64}$/)
  const both = { old_hash: hash, new_hash: hash }
  const hunks = (...list: readonly [header: string, ...lines: string[]][]) =>
    list.map(([header, ...lines]) => ({ header, lines }))
  expect(await changesIn(cwd)).toEqual([
    {
      change: 'changed',
      path: '.gitignore',
      ...both,
      lines: { hunks: hunks(['@@ -1 +0,0 @@', '-*.log']), omitted: 0, form: [] },
      tasks: [],
    },
    { change: 'added', path: 'added.md', new_hash: hash, why: { reason: 'new', detail: 'new in the tree' }, tasks: [] },
    {
      change: 'changed',
      path: 'encoding.txt',
      ...both,
      lines: { hunks: [], omitted: 0, form: ['encoding: UTF-8 → UTF-16LE'] },
      tasks: [],
    },
    {
      change: 'changed',
      path: 'endings.txt',
      ...both,
      lines: { hunks: [], omitted: 0, form: ['line endings: LF → CRLF'] },
      tasks: [],
    },
    expect.objectContaining({
      change: 'retargeted',
      path: 'link.md',
      ...both,
      old_link: 'src/edited.md',
      new_link: 'endings.txt',
    }),
    { change: 'renamed', path: 'moved.md', from: 'src/moved.md', ...both, tasks: [] },
    { change: 'mode', path: 'run.sh', ...both, old_mode: 'executable', new_mode: 'plain', tasks: [] },
    expect.objectContaining({
      path: 'secrets.ts',
      lines: {
        hunks: hunks([
          '@@ -1,2 +1,2 @@',
          '-export const password = "[REDACTED:password]"',
          '-const a = 1',
          '+export const password = "[REDACTED:password]"',
          '+const a = 2',
        ]),
        omitted: 0,
        form: [],
      },
    }),
    { change: 'renamed', path: 'src/Case.md', from: 'src/case.md', ...both, tasks: [] },
    {
      change: 'removed',
      path: 'src/deleted.md',
      old_hash: hash,
      why: { reason: 'deleted', detail: 'deleted' },
      tasks: [],
    },
    {
      change: 'changed',
      path: 'src/edited.md',
      ...both,
      lines: {
        hunks: hunks(['@@ -2 +2 @@', '-two', '+TWO\u202E'], ['@@ -4,0 +5 @@', '+five']),
        omitted: 0,
        form: [],
      },
      tasks: [],
    },
    {
      change: 'added',
      path: 'trace.log',
      new_hash: hash,
      why: { reason: 'let_in', detail: 'was left out by .gitignore line 1: *.log' },
      tasks: [],
    },
  ])

  const text = await ctxlockHere(['check', '--lines', '1'], cwd)
  expect(text.code).toBe(3)
  expect(text.stdout).toContain('           @@ -2 +2 @@\n           -two\n           … 2 more changed lines\n')
  expect(text.stdout).not.toContain('hunter')
  expect((await ctxlockHere(['check'], cwd)).stdout).toContain(String.raw`+TWO\u{202e}`)
})

test('what .gitignore and the config leave out is gone with the rule that says so', async () => {
  const cwd = await lockedRepository(FILES)
  writeFiles(cwd, {
    '.gitignore': '*.log\nbuild/\n\nsrc/*\n!src/edited.md\n',
    'ctxlock.config.json': JSON.stringify({ schema_version: 'ctxlock.config@1', sources: { exclude: ['vendor-*/'] } }),
  })
  expect((await changeOf(cwd, 'src/case.md')).why).toEqual({
    reason: 'gitignore',
    detail: 'left out now: .gitignore line 4: src/*',
  })
  expect((await changeOf(cwd, 'vendor-data/list.md')).why).toEqual({
    reason: 'config_exclude',
    detail: 'left out now: `sources.exclude` of the config: vendor-*/',
  })
  expect((await changesIn(cwd)).map(({ path }) => path)).not.toContain('src/edited.md')
})

test('the locked text is found in the commit that changed the lockfile, in the index, or said to be missing', async () => {
  const cwd = await lockedRepository(FILES)
  writeFiles(cwd, { 'src/edited.md': 'one\ntwo\nthree\n4\n' })
  git(cwd, 'commit', '-q', '-a', '-m', 'later than the lockfile')
  expect((await changeOf(cwd, 'src/edited.md')).lines?.hunks).toEqual([
    { header: '@@ -4 +4 @@', lines: ['-four', '+4'] },
  ])

  writeFiles(cwd, { 'src/edited.md': 'staged\n' })
  git(cwd, 'add', '-A')
  expect((await ctxlockHere(['lock'], cwd)).code).toBe(0)
  writeFiles(cwd, { 'src/edited.md': 'edited\n' })
  expect((await changeOf(cwd, 'src/edited.md')).lines?.hunks).toEqual([
    { header: '@@ -1 +1 @@', lines: ['-staged', '+edited'] },
  ])

  rmSync(join(cwd, '.git'), { recursive: true })
  expect(await changeOf(cwd, 'src/edited.md')).toMatchObject({ change: 'changed', lines: null })
  expect((await ctxlockHere(['check'], cwd)).stdout).toContain('only the hashes can be compared')
})

test('a sparse checkout and a submodule that is not checked out are named as what they are', async () => {
  const inner = await lockedRepository({ 'inner.md': 'inner\n' })
  const library = await lockedRepository({ 'library.md': 'library\n' }, (root) => {
    git(root, 'submodule', 'add', '-q', inner, 'inner')
  })
  const origin = await lockedRepository(FILES, (root) => {
    git(root, 'submodule', 'add', '-q', library, 'library')
    git(root, 'submodule', 'update', '-q', '--init', '--recursive')
  })
  const clone = join(temporaryFolder(), 'clone')
  git('.', 'clone', '-q', origin, clone)
  expect((await changeOf(clone, 'library/library.md')).why).toEqual({
    reason: 'submodule_missing',
    detail: 'the submodule library is not checked out',
  })
  git(clone, 'submodule', 'update', '-q', '--init')
  expect((await changeOf(clone, 'library/inner/inner.md')).why?.detail).toBe(
    'the submodule library/inner is not checked out',
  )
  git(clone, 'submodule', 'update', '-q', '--init', '--recursive')
  expect(await changesIn(clone)).toEqual([])
  writeFiles(clone, { 'library/library.md': 'changed\n' })
  expect((await changeOf(clone, 'library/library.md')).lines?.hunks).toEqual([
    { header: '@@ -1 +1 @@', lines: ['-library', '+changed'] },
  ])
  git(clone, 'checkout', '-q', '--', '.')
  git(clone, 'sparse-checkout', 'set', '--no-cone', '/*', '!/src/')
  expect((await changeOf(clone, 'src/edited.md')).why).toEqual({
    reason: 'sparse_checkout',
    detail: 'not in this sparse checkout',
  })
})

test('a repository whose config would run a program runs none', async () => {
  const cwd = await lockedRepository(FILES)
  const mark = join(cwd, 'build', 'ran')
  mkdirSync(join(cwd, 'build'))
  writeFileSync(join(cwd, 'build', 'hook.sh'), `#!/bin/sh\ntouch '${mark}'\n`, { mode: 0o755 })
  const hook = join(cwd, 'build', 'hook.sh')
  for (const key of [
    'core.fsmonitor',
    'core.pager',
    'core.sshCommand',
    'diff.external',
    'core.editor',
    'gpg.program',
    'filter.x.smudge',
  ]) {
    git(cwd, 'config', key, hook)
  }
  git(cwd, 'config', 'core.hooksPath', join(cwd, 'build'))
  git(cwd, 'config', 'log.showSignature', 'true')
  git(cwd, 'config', 'core.sparseCheckout', 'true')
  writeFiles(cwd, { '.git/info/attributes': '* filter=x diff=x\n', 'src/edited.md': 'one\n' })
  rmSync(join(cwd, 'src/deleted.md'))
  rmSync(mark, { force: true })
  expect((await changeOf(cwd, 'src/edited.md')).lines?.hunks).toHaveLength(1)
  expect(existsSync(mark)).toBe(false)
})

test('two branches that each build the lockfile merge into one that is refused', async () => {
  const cwd = await lockedRepository(FILES)
  for (const [branch, path] of [
    ['left', 'aaa.md'],
    ['right', 'zzz.md'],
  ] as const) {
    git(cwd, 'checkout', '-q', '-b', branch, 'main')
    writeFiles(cwd, { [path]: `${branch}\n` })
    expect((await ctxlockHere(['lock'], cwd)).code).toBe(0)
    git(cwd, 'add', '-A')
    git(cwd, 'commit', '-q', '-m', branch)
  }
  expect(() => git(cwd, 'merge', '-q', 'left')).toThrow()
  const conflict = await ctxlockHere(['check'], cwd)
  expect(conflict.code).toBe(3)
  expect(conflict.stderr).toMatch(/ctxlock\.lock line \d+: a merge conflict is not resolved/)

  // Taking one side of the conflict leaves the lines both branches added, and a hash that is of neither.
  const resolved = readFileSync(join(cwd, 'ctxlock.lock'), 'utf8').replace(
    /<{7}[^\n]*\n([^]*?)={7}\n[^]*?>{7}[^\n]*\n/g,
    '$1',
  )
  writeFileSync(join(cwd, 'ctxlock.lock'), resolved)
  const merged = await ctxlockHere(['check'], cwd)
  expect(merged.code).toBe(3)
  expect(merged.stderr).toMatch(/lock_hash does not match the lines above; the file was merged/)

  expect((await ctxlockHere(['lock'], cwd)).code).toBe(0)
  expect((await ctxlockHere(['check'], cwd)).code).toBe(0)
})
