import type { SourceRead, SourceReader } from '@ctxlock/contracts/ports'

/**
 * A reader for everybody who looks at the workspace in one moment, such as the guards in one hook: each file is read from the
 * disk once, so that all judge the same bytes. Not to be kept for a later moment. Everybody gets a copy of their own.
 */
export function oneLook(reader: SourceReader): SourceReader {
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
  }
}
