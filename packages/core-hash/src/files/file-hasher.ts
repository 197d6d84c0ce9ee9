import { createHash, hash } from 'node:crypto'

import type { Hash } from '../hash.ts'
import type { FileStatus, FileSystem } from './file-system.ts'
import { folderAtHand } from './folder-at-hand.ts'
import { openProblem, treeRoot } from './tree-root.ts'

const DEFAULT_BUFFER_BYTES = 256 * 1024
/** S_IXUSR. */
const OWNER_MAY_EXECUTE = 0o100

/** Why a file has no digest. */
export type FileProblem =
  | 'missing'
  /** It lies outside the root, or where `mayRead` says no, perhaps through a symlink. */
  | 'outside_root'
  /** A folder, FIFO, socket or device. */
  | 'not_a_file'
  /** Its size or times moved while it was read: the bytes may be of no one version. */
  | 'changed_during_read'
  | 'unreadable'

export type FileDigest =
  | {
      readonly status: 'hashed'
      readonly path: string
      /** SHA-256 of the raw bytes (CJ-032). */
      readonly hash: Hash
      readonly size: number
      /** Present when the owner may execute the file; systems without such a bit say what they like. */
      readonly executable?: true
      /** The file a symlink led to, relative to the root. */
      readonly linkedTo?: string
      /** What `inspect` said of it. */
      readonly remark?: string
    }
  | { readonly status: FileProblem; readonly path: string }

/**
 * The digests of files, by paths relative to the root with forward slashes, in their order; quicker where those of one folder follow
 * each other. Every path gets an answer; none throws.
 */
export type FileHasher = (paths: readonly string[]) => FileDigest[]

export interface FileHasherOptions {
  /** Such as the module `node:fs`. */
  readonly files: FileSystem
  /** Absolute or relative to the working directory; has to exist. */
  readonly root: string
  /** Asked about the real path of every opened file, relative to the root; refused files count as outside. */
  readonly mayRead?: (path: string) => boolean
  /** Sees the first bytes of every file while they are there, and must not keep them. */
  readonly inspect?: (path: string, head: Uint8Array) => string | undefined
  /** A larger file is hashed piece by piece; this is all the memory a hasher takes. */
  readonly bufferBytes?: number
}

/**
 * Hashes files of one tree by their content, synchronously and through one reused buffer, which for a warm tree is several
 * times faster than promises. What counts as inside the root is decided on the file that was really opened, after every
 * symlink, because paths and links may be an attacker's.
 */
export function createFileHasher(options: FileHasherOptions): FileHasher {
  const { files, root, mayRead, inspect, bufferBytes } = options
  const { prefix, flags, realPath } = treeRoot(files, root)
  const buffer = Buffer.allocUnsafeSlow(bufferBytes ?? DEFAULT_BUFFER_BYTES)

  return (paths) => {
    const folder = folderAtHand(files, prefix, paths)
    try {
      return paths.map((path, index) => openedDigest(path, folder.open(index, flags)))
    } finally {
      folder.close()
    }
  }

  /** `inFolder` is a descriptor of the file that has this very path. */
  function openedDigest(path: string, inFolder: number | undefined): FileDigest {
    let descriptor = inFolder
    try {
      descriptor ??= files.openSync(prefix + path, flags)
      return digestOf(descriptor, path, inFolder === undefined ? realPath(descriptor, path) : path)
    } catch (error) {
      return { status: openProblem(error), path }
    } finally {
      if (descriptor !== undefined) files.closeSync(descriptor)
    }
  }

  /** `inside` is where the opened file really lies. */
  function digestOf(descriptor: number, path: string, inside: string | undefined): FileDigest {
    if (inside === undefined || mayRead?.(inside) === false) return { status: 'outside_root', path }
    const before = files.fstatSync(descriptor)
    if (!before.isFile()) return { status: 'not_a_file', path }
    let remark: string | undefined
    const onHead = (head: Uint8Array) => {
      remark = inspect?.(path, head)
    }
    const digest =
      before.size < buffer.length
        ? hashAtOnce(descriptor, before.size, onHead)
        : hashInPieces(descriptor, before.size, onHead)
    if (digest === undefined || !isSame(before, files.fstatSync(descriptor)))
      return { status: 'changed_during_read', path }
    return {
      status: 'hashed',
      path,
      hash: digest,
      size: before.size,
      ...((before.mode & OWNER_MAY_EXECUTE) !== 0 && { executable: true }),
      ...(inside !== path && { linkedTo: inside }),
      ...(remark !== undefined && { remark }),
    }
  }

  /** Asks for one byte more than there should be, so that growth shows. */
  function hashAtOnce(descriptor: number, size: number, onHead: (head: Uint8Array) => void): Hash | undefined {
    let length = 0
    let count = 0
    do {
      count = files.readSync(descriptor, buffer, length, size + 1 - length, null)
      length += count
    } while (count > 0 && length < size)
    if (length !== size) return undefined
    const bytes = buffer.subarray(0, size)
    onHead(bytes)
    return hash('sha256', bytes, 'hex')
  }

  function hashInPieces(descriptor: number, size: number, onHead: (head: Uint8Array) => void): Hash | undefined {
    const digest = createHash('sha256')
    let total = 0
    for (;;) {
      const count = files.readSync(descriptor, buffer, 0, buffer.length, null)
      if (count === 0) return total === size ? digest.digest('hex') : undefined
      if (total === 0) onHead(buffer.subarray(0, count))
      total += count
      // A file that grows as fast as it is read would never end.
      if (total > size) return undefined
      digest.update(buffer.subarray(0, count))
    }
  }
}

function isSame(before: FileStatus, after: FileStatus): boolean {
  return before.size === after.size && before.mtimeMs === after.mtimeMs && before.ctimeMs === after.ctimeMs
}
