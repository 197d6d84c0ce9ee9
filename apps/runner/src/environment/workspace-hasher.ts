import { createHash, hash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

import type { SourceRead } from '@ctxlock/contracts/ports'
import { isRelativePath, type Hash } from '@ctxlock/contracts/primitives'
import { bytesHash } from '@ctxlock/core-hash'

import { createWorkspaceReader, statusOf } from './workspace-reader.ts'

export type SourceDigest =
  | { readonly status: 'hashed'; readonly hash: Hash; readonly size: number }
  | { readonly status: Exclude<SourceRead['status'], 'read'> }

/** Raw-byte hash and size of a listed file; `inspect` gets its first bytes, which it must not keep. */
export type WorkspaceHasher = (path: string, inspect?: (head: Uint8Array) => void) => SourceDigest

const CHUNK = 256 * 1024

/**
 * Hashes files that the listing of this workspace gave, without keeping their bytes. The listing walks real folders only, and a
 * file is opened without following a link, so one question per file less is asked than by the reader; what is a link goes
 * through the reader. What leaves here is a hash, never a byte.
 */
export function createWorkspaceHasher(root: string): WorkspaceHasher {
  const realRoot = realpathSync(root)
  const reader = createWorkspaceReader(root)
  const buffer = Buffer.allocUnsafe(CHUNK)
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW

  return (path, inspect) => {
    if (!isRelativePath(path)) return { status: 'outside_workspace' }
    // A platform without the flag would follow links.
    if (!Number.isInteger(constants.O_NOFOLLOW)) return throughReader(path, inspect)
    let descriptor: number
    try {
      descriptor = openSync(join(realRoot, path), flags)
    } catch {
      // A link, a file that is gone, or one that must not be read: the reader says which.
      return throughReader(path, inspect)
    }
    try {
      return hashOpened(descriptor, inspect)
    } catch (error) {
      return { status: statusOf(error) }
    } finally {
      closeSync(descriptor)
    }
  }

  function hashOpened(descriptor: number, inspect: ((head: Uint8Array) => void) | undefined): SourceDigest {
    const status = fstatSync(descriptor)
    if (!status.isFile()) return { status: 'not_a_file' }
    const length = readSync(descriptor, buffer, 0, CHUNK, null)
    const head = buffer.subarray(0, length)
    inspect?.(head)
    // Short of what fstat said, or a full buffer: there may be more.
    if (length === status.size && length < CHUNK)
      return { status: 'hashed', hash: hash('sha256', head, 'hex'), size: length }
    const digest = createHash('sha256').update(head)
    let size = length
    for (let next = length; next > 0; size += next) {
      next = readSync(descriptor, buffer, 0, CHUNK, null)
      digest.update(buffer.subarray(0, next))
    }
    return { status: 'hashed', hash: digest.digest('hex'), size }
  }

  function throughReader(path: string, inspect: ((head: Uint8Array) => void) | undefined): SourceDigest {
    const read = reader.read(path)
    if (read.status !== 'read') return read
    inspect?.(read.bytes.subarray(0, CHUNK))
    return { status: 'hashed', hash: bytesHash(read.bytes), size: read.bytes.length }
  }
}
