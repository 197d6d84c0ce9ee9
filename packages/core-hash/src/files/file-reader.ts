import type { FileSystem } from './file-system.ts'
import { folderAtHand } from './folder-at-hand.ts'
import { openProblem, treeRoot } from './tree-root.ts'

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024
const CHUNK = 256 * 1024

/** Why a file cannot be read. */
export type FileReadProblem = 'missing' | 'unreadable' | 'too_large' | 'outside_workspace' | 'not_a_file'

/** What `use` made of the bytes, or the reason there were none. */
export type FileLoan<Result> =
  | { readonly status: 'read'; readonly result: Result }
  | { readonly status: FileReadProblem }

/** Reads files of one folder by their paths in it; the `SourceReader` of `@ctxlock/contracts/ports`. */
export interface FileReader {
  read(
    path: string,
    options?: { readonly maxBytes?: number },
  ): { readonly status: 'read'; readonly bytes: Uint8Array } | { readonly status: FileReadProblem }
  /** Like `read`, but lends the bytes to `use`, which must not keep them: hashing needs no copy. */
  lend<Result>(path: string, use: (bytes: Uint8Array) => Result): FileLoan<Result>
  /** `lend` for each of these files in their order, as they are in one moment. */
  lendEach<Result>(paths: readonly string[], use: (bytes: Uint8Array) => Result): FileLoan<Result>[]
}

export interface FileReaderOptions {
  /** Such as the module `node:fs`. */
  readonly files: FileSystem
  /** Absolute or relative to the working directory; has to exist. */
  readonly root: string
  /** Asked about the real path of every opened file, relative to the root; refused files count as outside. */
  readonly mayRead?: (path: string) => boolean
}

/**
 * Reads files below `root`, up to 64 MiB unless told otherwise. Paths and links are an attacker's: what counts as inside is decided
 * on the file that was really opened, after every symlink. No answer is an exception.
 */
export function createFileReader({ files, root, mayRead }: FileReaderOptions): FileReader {
  const { prefix, flags, realPath } = treeRoot(files, root)
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
        return paths.map((path, index) => open(path, DEFAULT_MAX_BYTES, use, () => folder.open(index, flags)))
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
  ): FileLoan<Result> {
    if (!isPlain(path)) return { status: 'outside_workspace' }
    const inFolder = openInFolder?.()
    let descriptor: number
    try {
      descriptor = inFolder ?? files.openSync(prefix + path, flags)
    } catch (error) {
      return { status: openProblem(error) }
    }
    let bytes: Uint8Array | FileReadProblem
    try {
      const inside = inFolder === undefined ? realPath(descriptor, path) : path
      bytes = isReadable(inside) ? bytesOf(descriptor, maxBytes) : 'outside_workspace'
    } catch (error) {
      bytes = openProblem(error)
    } finally {
      files.closeSync(descriptor)
    }
    return typeof bytes === 'string' ? { status: bytes } : { status: 'read', result: use(bytes) }
  }

  function isReadable(inside: string | undefined): boolean {
    return inside !== undefined && mayRead?.(inside) !== false
  }

  /** The bytes lie in the shared buffer when they fit: they are good until the next read. */
  function bytesOf(descriptor: number, maxBytes: number): Uint8Array | FileReadProblem {
    const status = files.fstatSync(descriptor)
    if (!status.isFile()) return 'not_a_file'
    if (status.size > maxBytes) return 'too_large'
    const length = files.readSync(descriptor, buffer, 0, CHUNK, null)
    // Exactly what fstat said, and less than was asked for: this was the end.
    if (length === status.size && length < CHUNK) return buffer.subarray(0, length)
    const parts: Uint8Array[] = []
    let total = 0
    for (let next = length; next > 0; next = files.readSync(descriptor, buffer, 0, CHUNK, null)) {
      total += next
      // The file may have grown since fstat.
      if (total > maxBytes) return 'too_large'
      parts.push(Uint8Array.prototype.slice.call(buffer, 0, next))
    }
    return concatenate(parts, total)
  }
}

/** Relative, with no empty, `.` or `..` segment and no control character: one file has one path. */
function isPlain(path: string): boolean {
  return !/(?:^|\/)\.{0,2}(?:\/|$)|\p{Cc}/u.test(path)
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
