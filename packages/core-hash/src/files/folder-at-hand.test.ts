import * as nodeFiles from 'node:fs'
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { bytesHash } from '../sha256.ts'
import { createFileHasher } from './file-hasher.ts'
import type { FileSystem } from './file-system.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e']
const INSIDE = NAMES.map((name) => `src/${name}`)
let outer = ''
let root = ''
beforeEach(() => {
  outer = realpathSync(mkdtempSync(join(tmpdir(), 'folder-at-hand-')))
  root = join(outer, 'root')
  for (const folder of ['root/src/deep', 'outside']) mkdirSync(join(outer, folder), { recursive: true })
  for (const name of NAMES) {
    writeFileSync(join(root, 'src', name), `inside ${name}`)
    writeFileSync(join(outer, 'outside', name), `outside ${name}`)
  }
})
afterEach(() => rmSync(outer, { recursive: true }))

const hasher = (files: FileSystem = nodeFiles) => createFileHasher({ files, root })
const insideHashes = NAMES.map((name) => bytesHash(Buffer.from(`inside ${name}`)))
const hashesOf = (files: FileSystem) => hasher(files)(INSIDE).map((digest) => 'hash' in digest && digest.hash)

test('together and one by one, paths of any kind give the same', () => {
  symlinkSync('src', join(root, 'link'))
  symlinkSync('../outside', join(root, 'escape'))
  symlinkSync('a', join(root, 'src/to-a'))
  symlinkSync('../../outside/a', join(root, 'src/out'))
  const folders = ['', 'src/', 'link/', 'escape/', 'none/', './src/', 'src/../src/', 'src//', '/', '../outside/']
  const names = [...NAMES, 'to-a', 'out', 'deep', 'none', '', '.', '..', 'deep/x', 'a\0', 'src']
  const path = fc.tuple(fc.constantFrom(...folders), fc.constantFrom(...names)).map((parts) => parts.join(''))
  const run = fc
    .tuple(fc.constantFrom(...folders), fc.array(fc.constantFrom(...names), { minLength: 4, maxLength: 8 }))
    .map(([folder, found]) => found.map((name) => folder + name))
  const lists = fc.array(fc.oneof(run, fc.tuple(path)), { maxLength: 6 }).map((parts) => parts.flat())
  const hashEach = hasher()
  fc.assert(
    fc.property(lists, (paths) => {
      expect(hashEach(paths)).toEqual(paths.flatMap((one) => hashEach([one])))
    }),
    { seed: 20261123, numRuns: 300 },
  )
})

describe('a folder', () => {
  /** `node:fs` that notes what is open, and does `then` when `place` was opened. */
  function watched(place: string, then: () => void = () => {}) {
    const opened: string[] = []
    const open = new Set<number>()
    const files: FileSystem = {
      ...nodeFiles,
      openSync(path, flags) {
        const descriptor = nodeFiles.openSync(path, flags)
        opened.push(path)
        open.add(descriptor)
        if (path === place) then()
        return descriptor
      },
      closeSync(descriptor) {
        open.delete(descriptor)
        nodeFiles.closeSync(descriptor)
      },
    }
    return { files, opened, open }
  }

  const swap = () => {
    renameSync(join(root, 'src'), join(root, 'away'))
    symlinkSync('../outside', join(root, 'src'))
  }

  test.runIf(process.platform === 'linux')(
    'is opened once for four files that follow each other, not for three',
    () => {
      const four = watched('')
      hasher(four.files)(INSIDE.slice(0, 4))
      expect(four.opened.filter((path) => path.startsWith(root))).toEqual([`${root}/src/`])
      const three = watched('')
      hasher(three.files)([...INSIDE.slice(0, 3), 'src/deep/x', 'src/a'])
      expect(three.opened).toEqual(['a', 'b', 'c', 'a'].map((name) => `${root}/src/${name}`))
      expect([four.open.size, three.open.size]).toEqual([0, 0])
    },
  )

  test('that is exchanged for a link before it is opened is refused, file by file', () => {
    swap()
    const { files, open } = watched('')
    expect(hasher(files)(INSIDE)).toEqual(INSIDE.map((path) => ({ status: 'outside_root', path })))
    expect(open.size).toBe(0)
  })

  test.runIf(process.platform === 'linux')(
    'that is exchanged while it is opened is read no further than the link is judged',
    () => {
      const { files, open } = watched(`${root}/src/`, swap)
      expect(hasher(files)(INSIDE)).toEqual(INSIDE.map((path) => ({ status: 'outside_root', path })))
      expect(open.size).toBe(0)
    },
  )

  test.runIf(process.platform === 'linux')(
    'that is exchanged between two of its files stays the one that was judged',
    () => {
      let isSwapped = false
      const { files, open } = watched('')
      const first = {
        ...files,
        readSync(...args: Parameters<FileSystem['readSync']>) {
          if (!isSwapped) swap()
          isSwapped = true
          return files.readSync(...args)
        },
      }
      expect(hashesOf(first)).toEqual(insideHashes)
      expect(open.size).toBe(0)
    },
  )

  test('is closed when a file of it cannot be read', () => {
    const { files, open } = watched('')
    const failing = () => {
      throw Object.assign(new Error('I/O error'), { code: 'EIO' })
    }
    expect(hasher({ ...files, fstatSync: failing })(INSIDE)).toEqual(
      INSIDE.map((path) => ({ status: 'unreadable', path })),
    )
    expect(open.size).toBe(0)
  })
})
