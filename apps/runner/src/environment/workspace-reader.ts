import * as files from 'node:fs'
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync, realpathSync } from 'node:fs'
import { sep } from 'node:path'

import { folderAtHand } from '@ctxlock/core-hash/files'
import type { SourceLoan, SourceRead, SourceReader } from '@ctxlock/contracts/ports'
import { isRelativePath } from '@ctxlock/contracts/relative-path'

import { isOwnPath } from './own-path.ts'

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024
const CHUNK = 256 * 1024
/** Non-blocking, so that a FIFO with no writer cannot hang the run. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK

/**
 * Reads files of one workspace. The path comes from task files, lockfiles and directory listings, so it is untrusted: what
 * counts as inside is decided on the file that was really opened, after every symlink (MT-053).
 */
export function createWorkspaceReader(root: string): SourceReader {
  const realRoot = realpathSync(root)
  const prefix = realRoot.endsWith(sep) ? realRoot : realRoot + sep
  // One buffer for all reads: small files dominate, and a fresh allocation per file costs more than the read.
  const buffer = Buffer.allocUnsafe(CHUNK)

  return {
    read(path, options) {
      const loan = open(path, options?.maxBytes ?? DEFAULT_MAX_BYTES, (bytes) =>
        bytes.buffer === buffer.buffer ? Uint8Array.prototype.slice.call(bytes) : bytes,
      )
      return loan.status === 'read' ? { status: 'read', bytes: loan.result } : loan
    },
    lend: (path, use) => open(path, DEFAULT_MAX_BYTES, use),
    lendEach(paths, use) {
      const folder = folderAtHand(files, prefix, paths)
      try {
        return paths.map((path, index) => open(path, DEFAULT_MAX_BYTES, use, () => folder.open(index, FLAGS)))
      } finally {
        folder.close()
      }
    },
  }

  function open<Result>(
    path: string,
    maxBytes: number,
    use: (bytes: Uint8Array) => Result,
    openInFolder?: () => number | undefined,
  ): SourceLoan<Result> {
    if (!isRelativePath(path)) return { status: 'outside_workspace' }
    const inFolder = openInFolder?.()
    let descriptor: number
    try {
      descriptor = inFolder ?? openSync(prefix + path, FLAGS)
    } catch (error) {
      return { status: statusOf(error) }
    }
    let read: SourceRead
    try {
      const realPath = inFolder === undefined ? realPathOf(descriptor, path) : prefix + path
      read = isInside(realPath) ? readOpened(descriptor, maxBytes) : { status: 'outside_workspace' }
    } catch (error) {
      read = { status: statusOf(error) }
    } finally {
      closeSync(descriptor)
    }
    return read.status === 'read' ? { status: 'read', result: use(read.bytes) } : read
  }

  function isInside(realPath: string): boolean {
    return realPath.startsWith(prefix) && !isOwnPath(realPath.slice(prefix.length))
  }

  /** The bytes lie in the shared buffer when they fit: they are good until the next read. */
  function readOpened(descriptor: number, maxBytes: number): SourceRead {
    const status = fstatSync(descriptor)
    if (!status.isFile()) return { status: 'not_a_file' }
    if (status.size > maxBytes) return { status: 'too_large' }
    const length = readSync(descriptor, buffer, 0, CHUNK, null)
    // Exactly what fstat said, and less than was asked for: this was the end.
    if (length === status.size && length < CHUNK) return { status: 'read', bytes: buffer.subarray(0, length) }
    const parts: Uint8Array[] = []
    let total = 0
    for (let next = length; next > 0; next = readSync(descriptor, buffer, 0, CHUNK, null)) {
      total += next
      // The file may have grown since fstat.
      if (total > maxBytes) return { status: 'too_large' }
      parts.push(Uint8Array.prototype.slice.call(buffer, 0, next))
    }
    return { status: 'read', bytes: concatenate(parts, total) }
  }

  function realPathOf(descriptor: number, path: string): string {
    // The descriptor's own path leaves no gap between check and read; elsewhere than on Linux the path is resolved again.
    return process.platform === 'linux' ? readlinkSync(`/proc/self/fd/${descriptor}`) : realpathSync(prefix + path)
  }
}

function concatenate(parts: readonly Uint8Array[], total: number): Uint8Array {
  const bytes = new Uint8Array(total)
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

export function statusOf(error: unknown): Exclude<SourceRead['status'], 'read'> {
  const code = errorCode(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing'
  if (code === 'EISDIR' || code === 'ENXIO') return 'not_a_file'
  return 'unreadable'
}

/** The `code` of a Node system error, or an empty string. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
