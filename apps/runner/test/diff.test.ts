// What `diff` says when one side of a comparison is not to be had.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { expect, test } from 'vitest'

import { readLockfile } from '../src/lock/lockfile-file.ts'
import { ctxlockHere } from './support/in-process.ts'
import { makeWorkspace, SMALL_WORKSPACE, writeFiles } from './support/workspace.ts'

test('one pack that is damaged, was never there or is none now is named, and the others are compared (CP-010)', async () => {
  const root = makeWorkspace({ ...SMALL_WORKSPACE, 'was.bin': 'a\0b', 'gone.md': '# Gone\n', 'soon.md': '# Soon\n' })
  expect((await ctxlockHere(['lock'], root)).code).toBe(0)
  const database = new DatabaseSync(join(root, '.ctxlock/state.db'))
  const packOf = (path: string) =>
    readLockfile(root).sources.flatMap((source) => (source.path === path && 'pack' in source ? [source.pack] : []))
  const [damaged = ''] = packOf('README.md')
  const [gone = ''] = packOf('gone.md')
  database.prepare(`UPDATE artifact_object SET bytes = CAST('{}' AS BLOB) WHERE content_hash = ?`).run(damaged)
  database.prepare('DELETE FROM artifact_object WHERE content_hash = ?').run(gone)
  database.close()
  writeFiles(root, {
    'README.md': '# Changed\n',
    'was.bin': '# Text now\n',
    'gone.md': '# Changed too\n',
    'soon.md': 'a\0b',
    'src/depot.ts': 'export const depot = 1\n',
  })
  const { code, stdout } = await ctxlockHere(['diff', '--lines', '0'], root)
  expect(code).toBe(0)
  expect(stdout).toContain('README.md: the earlier pack is damaged here, `ctxlock verify` says more; only the hashes')
  expect(stdout).toContain('was.bin: it was locked without a pack; only the hashes can be compared')
  expect(stdout).toContain('gone.md: the earlier pack is not stored here; only the hashes can be compared')
  expect(stdout).toContain('soon.md: it has no pack now; only the hashes can be compared')
  expect(stdout).toContain('src/depot.ts + export const depot')
})

test('a damaged lockfile that was named is called by its name, and what is no lockfile is a wrong command line', async () => {
  const root = makeWorkspace(SMALL_WORKSPACE)
  expect((await ctxlockHere(['lock'], root)).code).toBe(0)
  const other = join(root, 'other.lock')
  writeFiles(root, { 'other.lock': readFileSync(join(root, 'ctxlock.lock'), 'utf8').replace('"size": ', '"size": 1') })
  const damaged = await ctxlockHere(['diff', other], root)
  expect([damaged.code, damaged.error?.message]).toEqual([3, expect.stringContaining(`${other} line `)])
  expect(damaged.error?.message).not.toContain('ctxlock.lock line')
  mkdirSync(join(root, 'folder'))
  for (const name of ['', join(root, 'folder'), join(root, 'none')]) {
    const { code, error } = await ctxlockHere(['diff', name], root)
    expect([code, error?.code, error?.message], name).toEqual([2, 'LOCK_MISSING', expect.stringContaining('neither')])
  }
})
