import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import * as nodeFiles from 'node:fs'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { bytesHash } from '../sha256.ts'
import { createFileHasher, type FileHasherOptions } from './file-hasher.ts'
import type { FileSystem } from './file-system.ts'

let folder = ''
let root = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-hasher-'))
  root = join(folder, 'root')
  mkdirSync(join(root, 'src'), { recursive: true })
  writeFileSync(join(folder, 'outside.txt'), 'outside')
  writeFileSync(join(root, 'src', 'a.txt'), 'hello\n')
})
afterAll(() => rmSync(folder, { recursive: true }))

const hello = '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03'
const single = (options: Partial<FileHasherOptions> = {}) => {
  const hashEach = createFileHasher({ files: nodeFiles, root, bufferBytes: 64, ...options })
  return (path: string) => {
    const [digest] = hashEach([path])
    if (!digest) throw new Error('Expected a digest.')
    return digest
  }
}
const hasher = (files: FileSystem = nodeFiles) => single({ files })
const inRoot = (path: string) => join(root, path)

test('hashes the raw bytes of a file by its relative path', () => {
  expect(hasher()('src/a.txt')).toEqual({ status: 'hashed', path: 'src/a.txt', hash: hello, size: 6 })
})

test('a program is told from a text by the right of its owner alone', () => {
  for (const [name, mode] of [
    ['program', 0o744],
    ['shared.txt', 0o655],
  ] as const) {
    writeFileSync(inRoot(name), 'hello\n')
    chmodSync(inRoot(name), mode)
  }
  expect(hasher()('program')).toEqual({ status: 'hashed', path: 'program', hash: hello, size: 6, executable: true })
  expect(hasher()('shared.txt')).not.toHaveProperty('executable')
})

test.each([0, 1, 63, 64, 65, 128, 200])('%d bytes through a buffer of 64 give the hash of all', (size) => {
  const bytes = Buffer.from(Array.from({ length: size }, (_, index) => index))
  writeFileSync(inRoot('sized.bin'), bytes)
  expect(hasher()('sized.bin')).toEqual({ status: 'hashed', path: 'sized.bin', hash: bytesHash(bytes), size })
})

test('any size around and beyond the buffer gives the hash of the bytes', () => {
  const hashFile = hasher()
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      writeFileSync(inRoot('any.bin'), bytes)
      expect(hashFile('any.bin')).toMatchObject({ hash: bytesHash(bytes), size: bytes.length })
    }),
    { examples: [63, 64, 65, 128].map((size): [Uint8Array] => [new Uint8Array(size)]), seed: 7 },
  )
})

test('whoever looks at the first bytes may add a remark', () => {
  writeFileSync(inRoot('long.txt'), 'x'.repeat(200))
  writeFileSync(inRoot('empty.txt'), '')
  const seen: number[] = []
  const inspect = (path: string, head: Uint8Array) => {
    seen.push(head.length)
    return path === 'long.txt' ? 'long' : undefined
  }
  const hashFile = single({ inspect })
  expect(hashFile('long.txt')).toMatchObject({ size: 200, remark: 'long' })
  expect(hashFile('src/a.txt')).toStrictEqual({ status: 'hashed', path: 'src/a.txt', hash: hello, size: 6 })
  expect(hashFile('empty.txt')).toMatchObject({ size: 0 })
  expect(seen).toEqual([64, 6, 0])
})

describe('what a path leads to', () => {
  test('a link inside the root is hashed and says where it led', () => {
    symlinkSync('src/a.txt', inRoot('link'))
    symlinkSync('src', inRoot('folder-link'))
    expect(hasher()('link')).toMatchObject({ hash: hello, linkedTo: 'src/a.txt' })
    expect(hasher()('folder-link/a.txt')).toMatchObject({ hash: hello, linkedTo: 'src/a.txt' })
  })

  test('a file outside the root is refused, whatever names it', () => {
    symlinkSync('../outside.txt', inRoot('escape'))
    symlinkSync('..', inRoot('up'))
    for (const path of ['escape', 'up/outside.txt', '../outside.txt', 'src/../../outside.txt'])
      expect(hasher()(path)).toEqual({ status: 'outside_root', path })
  })

  test('a neighbour whose name begins like the root is outside', () => {
    mkdirSync(`${root}-2`)
    writeFileSync(`${root}-2/x`, 'x')
    expect(hasher()('../root-2/x').status).toBe('outside_root')
  })

  test('mayRead is asked about the real path', () => {
    mkdirSync(inRoot('.git'))
    writeFileSync(inRoot('.git/config'), 'secret')
    symlinkSync('.git/config', inRoot('harmless'))
    const hashFile = single({ mayRead: (path) => !path.startsWith('.git/') })
    expect(hashFile('harmless').status).toBe('outside_root')
    expect(hashFile('src/a.txt').status).toBe('hashed')
  })

  test('folders, FIFOs, broken and endless links, and names no file can have are reported by name', () => {
    execFileSync('mkfifo', [inRoot('fifo')])
    symlinkSync('nowhere', inRoot('broken'))
    symlinkSync('endless', inRoot('endless'))
    const found = ['src', 'fifo', 'broken', 'endless', 'none', 'src/a.txt/x', 'a\0b'].map(hasher())
    expect(found).toEqual([
      { status: 'not_a_file', path: 'src' },
      { status: 'not_a_file', path: 'fifo' },
      { status: 'missing', path: 'broken' },
      { status: 'unreadable', path: 'endless' },
      { status: 'missing', path: 'none' },
      { status: 'missing', path: 'src/a.txt/x' },
      { status: 'unreadable', path: 'a\0b' },
    ])
  })
})

test('a socket is no file, and neither is what a system refuses to open as a folder', async () => {
  const server = createServer()
  await once(server.listen(inRoot('socket')), 'listening')
  expect(hasher()('socket')).toEqual({ status: 'not_a_file', path: 'socket' })
  server.close()
  const refusing: FileSystem = {
    ...nodeFiles,
    openSync: () => {
      throw Object.assign(new Error('illegal operation on a directory'), { code: 'EISDIR' })
    },
  }
  expect(hasher(refusing)('src')).toEqual({ status: 'not_a_file', path: 'src' })
})

test('where a descriptor does not tell its path, the name is resolved', () => {
  const { platform } = process
  Object.defineProperty(process, 'platform', { value: 'darwin' })
  try {
    symlinkSync('src/a.txt', inRoot('elsewhere'))
    symlinkSync('../outside.txt', inRoot('outside'))
    const found = ['src/a.txt', 'elsewhere', 'outside'].map(hasher({ ...nodeFiles, readlinkSync: () => 'unused' }))
    expect(found).toEqual([
      { status: 'hashed', path: 'src/a.txt', hash: hello, size: 6 },
      { status: 'hashed', path: 'elsewhere', hash: hello, size: 6, linkedTo: 'src/a.txt' },
      { status: 'outside_root', path: 'outside' },
    ])
  } finally {
    Object.defineProperty(process, 'platform', { value: platform })
  }
})

describe('while it reads', () => {
  const changes: Record<string, (path: string) => void> = {
    'a file that grows': (path) => appendFileSync(path, 'more'),
    'a file that shrinks': (path) => truncateSync(path, 3),
    'a file written again at the same size': (path) => {
      writeFileSync(path, Buffer.alloc(nodeFiles.statSync(path).size, 1))
      // The clock of the file system may stand still between two writes.
      nodeFiles.utimesSync(path, 1, 1)
    },
  }
  const sizes = { 'one read': 10, 'many reads': 200 }
  const cases = Object.keys(changes).flatMap((change) =>
    Object.entries(sizes).map(([size, bytes]) => ({ change, size, bytes })),
  )

  test.each(cases)('$change is reported, in $size', ({ change, bytes }) => {
    writeFileSync(inRoot('moving'), Buffer.alloc(bytes))
    let reads = 0
    const files: FileSystem = {
      ...nodeFiles,
      readSync(...args) {
        if (reads++ === 1 || bytes < 64) changes[change]?.(inRoot('moving'))
        return nodeFiles.readSync(...args)
      },
    }
    expect(hasher(files)('moving')).toEqual({ status: 'changed_during_read', path: 'moving' })
  })

  test('a file replaced after it was opened is hashed as it was opened', () => {
    writeFileSync(inRoot('old'), 'hello\n')
    const files: FileSystem = {
      ...nodeFiles,
      openSync(path, flags) {
        const descriptor = nodeFiles.openSync(path, flags)
        writeFileSync(inRoot('new'), 'other')
        nodeFiles.renameSync(inRoot('new'), inRoot('old'))
        return descriptor
      },
    }
    expect(hasher(files)('old')).toMatchObject({ hash: hello })
  })

  test.runIf(process.platform === 'linux')(
    'a link that is turned after it was opened is judged by what was opened',
    () => {
      const turned = (before: string, after: string): FileSystem => {
        rmSync(inRoot('turned'), { force: true })
        symlinkSync(before, inRoot('turned'))
        return {
          ...nodeFiles,
          openSync(path, flags) {
            const descriptor = nodeFiles.openSync(path, flags)
            rmSync(inRoot('turned'))
            symlinkSync(after, inRoot('turned'))
            return descriptor
          },
        }
      }
      expect(hasher(turned('../outside.txt', 'src/a.txt'))('turned').status).toBe('outside_root')
      expect(hasher(turned('src/a.txt', '../outside.txt'))('turned')).toMatchObject({ hash: hello })
    },
  )

  test.each(['size', 'mtimeMs', 'ctimeMs'] as const)('a change is known by %s alone', (field) => {
    let looks = 0
    const files: FileSystem = {
      ...nodeFiles,
      fstatSync(descriptor) {
        const status = nodeFiles.fstatSync(descriptor)
        looks += 1
        return looks === 1 ? status : Object.assign(status, { [field]: status[field] + 1 })
      },
    }
    expect(hasher(files)('src/a.txt').status).toBe('changed_during_read')
  })

  test.each([10, 200])('of %d bytes fewer are read than there should be, or more, whatever its times say', (size) => {
    writeFileSync(inRoot('odd'), Buffer.alloc(size))
    let reads = 0
    const ending: FileSystem = {
      ...nodeFiles,
      readSync: (...args) => (reads++ === 0 ? Math.min(nodeFiles.readSync(...args), 5) : 0),
    }
    expect(hasher(ending)('odd').status).toBe('changed_during_read')
    reads = 0
    const endless: FileSystem = {
      ...nodeFiles,
      readSync(_descriptor, _buffer, _offset, length) {
        if (reads++ > 100) throw new Error('Expected no read beyond the size.')
        return length
      },
    }
    expect(hasher(endless)('odd').status).toBe('changed_during_read')
  })

  test('short reads are put together, and none asks for more than is left', () => {
    const asked: number[] = []
    const files: FileSystem = {
      ...nodeFiles,
      readSync(descriptor, buffer, offset, length, position) {
        asked.push(length)
        return nodeFiles.readSync(descriptor, buffer, offset, Math.min(length, 2), position)
      },
    }
    expect(hasher(files)('src/a.txt')).toMatchObject({ hash: hello })
    // One byte more than there should be.
    expect(asked).toEqual([7, 5, 3])
  })

  test('a read that fails is reported, and its descriptor closed', () => {
    const closed: number[] = []
    const files: FileSystem = {
      ...nodeFiles,
      readSync: () => {
        throw Object.assign(new Error('I/O error'), { code: 'EIO' })
      },
      closeSync: (descriptor) => {
        closed.push(descriptor)
        nodeFiles.closeSync(descriptor)
      },
    }
    expect(hasher(files)('src/a.txt')).toEqual({ status: 'unreadable', path: 'src/a.txt' })
    expect(closed).toHaveLength(1)
  })
})
