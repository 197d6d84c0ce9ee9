import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { bytesHash } from '@ctxlock/core-hash'
import { afterAll, describe, expect, test } from 'vitest'

import { createWorkspaceHasher } from './workspace-hasher.ts'

const outside = mkdtempSync(join(tmpdir(), 'ctxlock-hasher-'))
const root = join(outside, 'workspace')
mkdirSync(join(root, '.ctxlock'), { recursive: true })
const hash = createWorkspaceHasher(root)

afterAll(() => rmSync(outside, { recursive: true }))

describe('a file', () => {
  test.each([0, 1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 1_000_000])('of %i bytes', (size) => {
    const bytes = new Uint8Array(size).map((_, index) => index % 251)
    writeFileSync(join(root, 'file'), bytes)
    const heads: number[] = []
    expect(hash('file', (head) => heads.push(head.length))).toEqual({ status: 'hashed', hash: bytesHash(bytes), size })
    expect(heads).toEqual([Math.min(size, 256 * 1024)])
  })

  test('is hashed as it is now, whatever was hashed before', () => {
    writeFileSync(join(root, 'again'), 'longer text')
    hash('again')
    writeFileSync(join(root, 'again'), 'short')
    expect(hash('again')).toEqual({ status: 'hashed', hash: bytesHash(Buffer.from('short')), size: 5 })
  })
})

describe('what is no file of the workspace', () => {
  test('a link inside it is read where it leads, one that leads out is refused', () => {
    writeFileSync(join(root, 'target'), 'inside')
    writeFileSync(join(outside, 'secret'), 'outside')
    writeFileSync(join(root, '.ctxlock/digest.key'), 'key')
    for (const [name, target] of [
      ['inner', 'target'],
      ['outer', '../secret'],
      ['own', '.ctxlock/digest.key'],
      ['broken', 'nowhere'],
    ] as const)
      symlinkSync(target, join(root, name))
    expect(hash('inner')).toEqual({ status: 'hashed', hash: bytesHash(Buffer.from('inside')), size: 6 })
    expect([hash('outer').status, hash('own').status]).toEqual(['outside_workspace', 'outside_workspace'])
    expect(hash('broken').status).toBe('missing')
    expect(hash('../secret').status).toBe('outside_workspace')
  })

  test('a pipe does not hang, a folder is no file, a missing one is missing', () => {
    execFileSync('mkfifo', [join(root, 'pipe')])
    mkdirSync(join(root, 'folder'))
    expect(['pipe', 'folder', 'gone'].map((path) => hash(path).status)).toEqual(['not_a_file', 'not_a_file', 'missing'])
  })
})
