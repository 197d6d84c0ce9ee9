import * as files from 'node:fs'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { createFileReader } from './file-reader.ts'

const outside = mkdtempSync(join(tmpdir(), 'core-hash-reader-'))
const root = join(outside, 'workspace')
mkdirSync(root)
const reader = createFileReader({ files, root, mayRead: (path) => !path.startsWith('.own/') })
afterAll(() => rmSync(outside, { recursive: true }))

const CHUNK = 256 * 1024

test.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])('a file of %i bytes is read and lent as it is', (size) => {
  const bytes = new Uint8Array(size).map((_, index) => index % 251)
  writeFileSync(join(root, 'file'), bytes)
  const read = reader.read('file')
  expect(read.status === 'read' && Buffer.compare(read.bytes, bytes)).toBe(0)
  expect(reader.lend('file', (lent) => Buffer.compare(lent, bytes))).toEqual({ status: 'read', result: 0 })
})

test('what was read stays when the next file is read', () => {
  writeFileSync(join(root, 'one'), 'one')
  writeFileSync(join(root, 'two'), 'two')
  const one = reader.read('one')
  reader.read('two')
  expect(one.status === 'read' && Buffer.from(one.bytes).toString()).toBe('one')
})

test('neither way leads out of the workspace or into what may not be read', () => {
  writeFileSync(join(outside, 'secret'), 'secret')
  mkdirSync(join(root, '.own'))
  writeFileSync(join(root, '.own/digest.key'), 'key')
  symlinkSync('../secret', join(root, 'outer'))
  symlinkSync('.own/digest.key', join(root, 'own'))
  for (const path of ['outer', 'own', '../secret', '.own/digest.key']) {
    expect(reader.read(path)).toEqual({ status: 'outside_workspace' })
    expect(reader.lend(path, () => 'used')).toEqual({ status: 'outside_workspace' })
  }
})

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString()

test('many files are lent as each alone would be, whatever they and their folders are', () => {
  mkdirSync(join(root, 'src/deep'), { recursive: true })
  mkdirSync(join(outside, 'other'))
  for (const path of ['top', 'src/a', 'src/b', 'src/deep/c', '../other/d']) writeFileSync(join(root, path), path)
  symlinkSync('a', join(root, 'src/link'))
  symlinkSync('../../other/d', join(root, 'src/leaving'))
  symlinkSync('src', join(root, 'alias'))
  symlinkSync('../other', join(root, 'away'))
  const inSource = ['src/a', 'src/link', 'src/b', 'src/leaving', 'src/none', 'src/deep', 'src/deep/c', 'src/a']
  const paths = [...inSource, 'alias/a', 'away/d', 'none/a', 'top', 'top/a', '.own/digest.key', '../other/d', 'src/b']
  const lent = reader.lendEach(paths, textOf)
  expect(lent).toEqual(paths.map((path) => reader.lend(path, textOf)))
  expect(new Set(lent.map(({ status }) => status))).toEqual(
    new Set(['read', 'outside_workspace', 'missing', 'not_a_file']),
  )
})

test('a folder that is replaced by a link while its files are lent leads nowhere, and is seen the next time', () => {
  for (const folder of ['inner', '../swapped']) {
    mkdirSync(join(root, folder))
    for (const name of ['a', 'b']) writeFileSync(join(root, folder, name), `${folder}/${name}`)
  }
  const swap = (bytes: Uint8Array) => {
    const text = textOf(bytes)
    if (text === 'inner/a') {
      renameSync(join(root, 'inner'), join(root, 'moved'))
      symlinkSync('../swapped', join(root, 'inner'))
    }
    return text
  }
  const [, second] = reader.lendEach(['inner/a', 'inner/b'], swap)
  expect(['inner/b', undefined]).toContain(second?.status === 'read' ? second.result : undefined)
  const away = { status: 'outside_workspace' }
  expect(reader.lendEach(['inner/a', 'inner/b'], textOf)).toEqual([away, away])
})

test('a path that is not plain is no path of a file', () => {
  writeFileSync(join(root, 'plain'), 'plain')
  for (const path of ['', '.', '/plain', './plain', 'a/../plain', 'plain/', '//plain', 'plain\0', 'pl\nain'])
    expect(reader.read(path), path).toEqual({ status: 'outside_workspace' })
})

test('a file over the limit is not read', () => {
  writeFileSync(join(root, 'large'), 'twelve bytes')
  expect(reader.read('large', { maxBytes: 11 })).toEqual({ status: 'too_large' })
  expect(reader.read('large', { maxBytes: 12 })).toMatchObject({ status: 'read' })
})
