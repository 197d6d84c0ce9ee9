import type { SourceReader } from '@ctxlock/contracts/ports'
import { bytesHash } from '@ctxlock/core-hash'

import type { SourceExclusion } from './source-exclusion.ts'
import type { WorkspaceListing } from './workspace-listing.ts'

export interface WorkspaceSource {
  readonly path: string
  readonly hash: string
  readonly bytes: Uint8Array
}

interface ListedWorkspace {
  readonly reader: SourceReader
  /** Asked about every listed file: those it names are left out. */
  readonly sourceExclusion: SourceExclusion
  readonly config: { readonly sources: { readonly maxFileBytes: number } }
  listing(): WorkspaceListing
}

/** Reads and hashes every source once, one at a time; what nobody wrote by hand is left out. */
export function* workspaceSources(
  { listing, sourceExclusion, reader, config }: ListedWorkspace,
  progress: (text: string) => void,
): Generator<WorkspaceSource> {
  const { files } = listing()
  for (const [index, { path }] of files.entries()) {
    if ((index + 1) % 500 === 0) progress(`reading sources: ${index + 1} of ${files.length}`)
    if (sourceExclusion.ofPath(path) !== undefined) continue
    const read = reader.read(path, { maxBytes: config.sources.maxFileBytes })
    if (read.status !== 'read' || sourceExclusion.ofContent(path, read.bytes) !== undefined) continue
    yield { path, hash: bytesHash(read.bytes), bytes: read.bytes }
  }
}
