// Lock, check, why and calls agree on what a source is, whatever lies in the tree (decisions/0008, 0026).
import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, onTestFinished, test } from 'vitest'

import { lockWorkspace } from '../src/lock/lock-workspace.ts'
import { readLockfile, writeLockfile } from '../src/lock/lockfile-file.ts'
import { surveySources } from '../src/lock/source-survey.ts'
import { openedSession } from './support/governed-calls.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, SMALL_WORKSPACE, writeFiles } from './support/workspace.ts'

/** What the lockfile states of a path, as a source or as left out. */
function statedOf(root: string, path: string): string | undefined {
  const { sources, excluded } = readLockfile(root)
  if (sources.some((source) => source.path === path)) return 'source'
  return excluded.find((entry) => entry.path === path)?.reason
}

/** The first line that `why` says. */
async function whyOf(root: string, path: string): Promise<string> {
  return (await ctxlockHere(['why', join(root, path)], root)).stdout.split('\n')[0] ?? ''
}

test('governance text is no source for anybody, by whatever link and although it is kept (CP-007)', async () => {
  const root = makeWorkspace({
    ...SMALL_WORKSPACE,
    '.GOV/codex.md': '# Codex\n\nA zeppelin MUST be painted.\n',
    'docs/guide.md': '# Guide\n\nA zeppelin flies.\n',
    'ctxlock.config.json': '{ "schema_version": "ctxlock.config@1", "sources": { "keep": { "paths": [".GOV/"] } } }',
  })
  symlinkSync('.GOV/codex.md', join(root, 'codex.md'))
  expect((await ctxlockHere(['lock'], root)).code).toBe(0)
  expect(['.GOV/codex.md', 'codex.md', 'docs/guide.md'].map((path) => statedOf(root, path))).toEqual([
    'governance_text',
    'symlink_to_excluded',
    'source',
  ])
  expect((await ctxlockHere(['check'], root)).code).toBe(0)
  expect(await whyOf(root, '.GOV/codex.md')).toBe('.GOV/codex.md: left out, governance text')
  const asked = await ctxlockHere(['ask', 'Must a zeppelin be painted?'], root)
  expect(asked.stdout).toContain('docs/guide.md')
  expect(asked.stdout).not.toContain('codex.md')
  expect((await ctxlockHere(['check'], root)).code).toBe(0)
})

test('a locked file whose name cannot be looked up any more is a removed source, named without a path of this machine', async () => {
  const root = makeWorkspace({
    'was-folder/file.md': 'one\n',
    'looped/file.md': 'two\n',
    'linked/file.md': 'three\n',
    'elsewhere/file.md': 'four\n',
    'became/folder': 'five\n',
  })
  expect((await ctxlockHere(['lock'], root)).code).toBe(0)
  for (const folder of ['was-folder', 'looped', 'linked', 'became/folder'])
    rmSync(join(root, folder), { recursive: true })
  writeFiles(root, { 'was-folder': 'a file now\n', 'became/folder/inside.md': 'new\n' })
  symlinkSync('looped', join(root, 'looped'))
  symlinkSync('elsewhere', join(root, 'linked'))

  const check = await ctxlockHere(['check'], root)
  expect([check.code, check.stdout]).toEqual([3, expect.not.stringContaining(root)])
  const why = new Map(
    [...check.stdout.matchAll(/^removed +(\S+) .*\n +(.*)$/gm)].map(([, path = '', detail = '']) => [path, detail]),
  )
  expect(Object.fromEntries(why)).toEqual({
    'was-folder/file.md': 'deleted',
    'looped/file.md': 'deleted',
    'linked/file.md': 'left out now: linked is left out, symlinked directory',
    'became/folder': 'a folder is in its place',
  })
  expect((await ctxlockHere(['diff'], root)).code).toBe(0)
  expect(await whyOf(root, 'was-folder/file.md')).toBe('was-folder/file.md: missing, there is no such file')
  expect(await whyOf(root, 'looped/file.md')).toBe('looped/file.md: missing, there is no such file')
  expect(await whyOf(root, 'linked/file.md')).toBe('linked/file.md: left out, linked is left out, symlinked directory')
})

test.runIf(process.getuid?.() !== 0)('a locked file whose folder is closed is a removed source', async () => {
  const root = makeWorkspace({ 'closed/file.md': 'one\n', 'listed/file.md': 'two\n' })
  expect((await ctxlockHere(['lock'], root)).code).toBe(0)
  const folders = ['closed', 'listed'].map((folder) => join(root, folder))
  onTestFinished(() => folders.forEach((folder) => chmodSync(folder, 0o700)))
  chmodSync(join(root, 'closed'), 0o000)
  chmodSync(join(root, 'listed'), 0o400)
  const check = await ctxlockHere(['check'], root)
  expect(check.code).toBe(3)
  expect(check.stdout).toContain('left out now: closed is left out, unreadable directory')
  expect(check.stdout).toContain('left out now: unreadable\n')
  expect(await whyOf(root, 'closed/file.md')).toBe('closed/file.md: left out, closed is left out, unreadable directory')
  expect(await whyOf(root, 'closed/none.md')).toContain('closed is left out')
})

test('a link to what git ignores is no source, and a clone without it is locked the same', async () => {
  const root = makeWorkspace({
    '.gitignore': 'secrets/\n*.key\n',
    'deep/.gitignore': '/own.txt\n',
    'deep/own.txt': 'ignored by its folder\n',
    'deep/open.txt': 'open\n',
    'secrets/token.txt': 'ignored by its folder\n',
    'a.key': 'ignored by its name\n',
    'b/c.md': 'a source\n',
  })
  const targets = {
    'to-token.txt': 'secrets/token.txt',
    'to-key.txt': 'a.key',
    'to-folder': 'secrets',
    'b/to-own.txt': '../deep/own.txt',
    'b/to-open.txt': '../deep/open.txt',
    'to-link.txt': 'b/to-own.txt',
    'to-none.txt': 'none.txt',
  }
  for (const [path, target] of Object.entries(targets)) symlinkSync(target, join(root, path))
  expect((await ctxlockHere(['lock'], root)).code).toBe(0)
  expect(Object.keys(targets).map((path) => statedOf(root, path))).toEqual([
    ...['to-token.txt', 'to-key.txt', 'to-folder', 'b/to-own.txt'].map(() => 'symlink_to_excluded'),
    'source',
    'symlink_to_excluded',
    'symlink_broken',
  ])
  const here = readFileSync(join(root, 'ctxlock.lock'))
  for (const ignored of ['secrets', 'a.key', 'deep/own.txt']) rmSync(join(root, ignored), { recursive: true })
  expect((await ctxlockHere(['lock'], root)).code).toBe(0)
  expect(readFileSync(join(root, 'ctxlock.lock')).equals(here)).toBe(true)
})

describe('a .gitignore', () => {
  test('that leads elsewhere is none, as in git', async () => {
    const root = makeWorkspace({ 'rules.txt': '*.md\n', 'a.md': 'a\n' })
    symlinkSync('rules.txt', join(root, '.gitignore'))
    expect((await ctxlockHere(['lock'], root)).code).toBe(0)
    expect(statedOf(root, 'a.md')).toBe('source')
    expect(await whyOf(root, 'a.md')).toBe('a.md: source, no rule leaves it out')
  })

  test('that is too large is refused by name, for what it leaves out is not known', async () => {
    const root = makeWorkspace({ 'src/.gitignore': `.env\n${'#'.repeat(1_048_576)}`, 'src/.env': 'x\n' })
    for (const command of [['lock'], ['scan'], ['why', join(root, 'src/.env')], ['ask', 'x?']]) {
      const { code, error } = await ctxlockHere(command, root)
      expect([code, error?.code, error?.message]).toEqual([
        2,
        'IGNORE_FILE_UNREADABLE',
        'src/.gitignore could not be read: it is too large',
      ])
    }
    expect(existsSync(join(root, 'ctxlock.lock'))).toBe(false)
  })

  test.runIf(process.getuid?.() !== 0)('that this person may not read is refused by name', async () => {
    const root = makeWorkspace({ '.gitignore': '.env\n', '.env': 'x\n' })
    chmodSync(join(root, '.gitignore'), 0o000)
    const { code, error } = await ctxlockHere(['lock'], root)
    expect([code, error?.message]).toEqual([2, '.gitignore could not be read: EACCES'])
  })
})

test.skipIf(process.platform !== 'linux')(
  'names that no record can hold are stated once, and found again',
  async () => {
    const root = makeWorkspace({ 'plain.md': 'a\n', 'cafe\u0301.md': 'b\n' })
    const [file, folder] = [Buffer.from(`${root}/a\u00FF.txt`, 'latin1'), Buffer.from(`${root}/b\u00FF`, 'latin1')]
    for (const last of [0xfe, 0xff]) {
      file[root.length + 2] = last
      folder[root.length + 2] = last
      writeFileSync(file, 'x\n')
      mkdirSync(folder)
      writeFileSync(Buffer.concat([folder, Buffer.from('/inside.md')]), 'y\n')
    }
    expect((await ctxlockHere(['lock'], root)).code).toBe(0)
    const { sources, excluded } = readLockfile(root)
    expect(sources.map(({ path }) => path)).toEqual(['plain.md'])
    expect(excluded.map(({ path, reason }) => [path.replace(/~.*/, '~'), reason])).toEqual([
      ['a\uFFFD.txt~', 'path_unsupported'],
      ['b\uFFFD~', 'path_unsupported'],
      ['caf\u00E9.md~', 'path_unsupported'],
    ])
    expect((await ctxlockHere(['check'], root)).code).toBe(0)
    expect(await whyOf(root, 'cafe\u0301.md')).toMatch(/^caf\u00E9\.md~[0-9a-f]{8}: left out, path unsupported$/)
    expect(await whyOf(root, 'a\uFFFD.txt')).toMatch(/^a\uFFFD\.txt~[0-9a-f]{8}: left out, path unsupported$/)
  },
)

test('a file that was written to while it was locked is stated as left out, and check finds it', async () => {
  const root = makeWorkspace(SMALL_WORKSPACE)
  const session = await openedSession(root)
  const survey = await surveySources(root, session.config)
  const written = { path: 'src/depot.ts', reason: 'changed_during_read' }
  const lockfile = await lockWorkspace(session, { runId: randomUUID(), sessionId: randomUUID() }, [], () => {}, {
    ...survey,
    sources: survey.sources.filter(({ path }) => path !== written.path),
    excluded: [written],
  })
  writeLockfile(root, lockfile)
  expect((await ctxlockHere(['why', join(root, written.path)], root)).stdout).toContain(
    'lockfile   left out of it: changed during read',
  )
  const check = await ctxlockHere(['check'], root)
  expect([check.code, check.stdout]).toEqual([3, expect.stringContaining('was left out: changed during read')])
})
