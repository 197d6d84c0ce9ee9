import type { ArtifactStore, SourceRead, SourceReader } from '@ctxlock/contracts/ports'

export interface OneLook extends SourceReader {
  /** The file is read anew when it is asked for again. */
  forget(path: string): void
}

/**
 * A reader for everybody who looks at the workspace in one moment, such as the guards in one hook: each file is read from the
 * disk once, so that all judge the same bytes. Not to be kept for a later moment. Everybody gets a copy of their own.
 */
export function oneLook(reader: SourceReader): OneLook {
  const known = new Map<string, SourceRead>()
  const look = (path: string): SourceRead => {
    const read = known.get(path) ?? reader.read(path)
    known.set(path, read)
    return read
  }
  return {
    read(path, options) {
      const read = options === undefined ? look(path) : reader.read(path, options)
      return read.status === 'read' ? { status: 'read', bytes: Uint8Array.from(read.bytes) } : read
    },
    lend(path, use) {
      const read = look(path)
      return read.status === 'read' ? { status: 'read', result: use(read.bytes) } : read
    },
    forget: (path) => void known.delete(path),
  }
}

/** The same for stored objects: read and checked against their hash once. What cannot be read is asked for anew. */
export function oneLookAtObjects<Store extends ArtifactStore>(store: Store): Store {
  const known = new Map<string, Uint8Array>()
  const get = (contentHash: string): Uint8Array => {
    const bytes = known.get(contentHash) ?? store.get(contentHash)
    known.set(contentHash, bytes)
    return bytes
  }
  return { ...store, get, has: (contentHash) => known.has(contentHash) || store.has(contentHash) }
}
