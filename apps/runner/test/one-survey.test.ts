// Lock, check, why and calls agree on what a source is, whatever lies in the tree (decisions/0008, 0026).
import { chmodSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { readLockfile } from '../src/lock/lockfile-file.ts'
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
