import { isHash } from '@ctxlock/core-hash'

import { ArtifactError } from './artifact-error.ts'

/**
 * The files of a state folder, as the host provides them. Paths are relative, with forward slashes, and made by this
 * package from hashes only.
 */
export interface ObjectFiles {
  /** The first `maxBytes` bytes of a file, or all when it is shorter; undefined when there is no such file. */
  read(path: string, maxBytes: number): Uint8Array | undefined
  /** Leaves the whole file or the state before: temporary file, fsync, rename, fsync of the folder. Readable by the owner only. */
  writeAtomic(path: string, bytes: Uint8Array): void
  exists(path: string): boolean
  /** The paths of all finished files below a folder, in any order; none when there is no such folder. */
  list(folder: string): Iterable<string>
  /** Removes a file; nothing happens when there is none. */
  remove(path: string): void
}

/** `<folder>/ab/cdef…`. The hash may come from a record somebody edited, so anything but a hash is refused here. */
export function objectPath(folder: string, contentHash: string): string {
  if (!isHash(contentHash)) throw new ArtifactError('ARTIFACT_MISSING', 'Expected a content hash of 64 hex characters.')
  return `${folder}/${contentHash.slice(0, 2)}/${contentHash.slice(2)}`
}

/** Runs `work` and gives whatever the disk or the database throws the one code a caller can act on. */
export function storing<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof ArtifactError) throw error
    throw new ArtifactError('ARTIFACT_STORE_FAILED', `${what} failed; see the cause.`, {
      cause: error,
    })
  }
}
