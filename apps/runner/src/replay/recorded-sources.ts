import type { ArtifactStore, SourceRead, SourceReader } from '@ctxlock/contracts/ports'
import { pathOfSourceId } from '@ctxlock/contracts/references'
import { retrievalTraceHash } from '@ctxlock/contracts/retrieval'
import { bytesHash, canonicalHash, type Hash } from '@ctxlock/core-hash'

import type { RecordedCall } from './recorded-call.ts'

/** A file that a call was built from, as it was then. */
export interface RecordedSource {
  readonly path: string
  readonly hash: Hash
}

/** A source that is not to be had as it was; `currentHash` is null when the file is gone. */
export interface MissingSource extends RecordedSource {
  readonly currentHash: Hash | null
}

/**
 * Rule files and evidence: what the request cannot be built without. A record that is not what its own hash says names no source,
 * because it would name a wrong one; that it is altered comes out when it is compared.
 */
export function sourcesOf(recorded: RecordedCall): RecordedSource[] {
  const { rolePack, trace, manifest } = recorded
  const evidence = hasSoundTrace(recorded)
    ? trace.spans.map(({ ref }) => ({ id: ref.id, hash: ref.hash }))
    : manifest.parts.flatMap((part) => (part.part === 'source' ? [{ id: part.source_id, hash: part.source_hash }] : []))
  const rules = hasSoundRules(rolePack) ? rolePack.sources : []
  const cited = [...rules.map(({ source_id, source_hash }) => ({ id: source_id, hash: source_hash })), ...evidence]
  const sources = new Map<string, RecordedSource>()
  for (const { id, hash } of cited) {
    const path = pathOfSourceId(id)
    if (path !== undefined && hash !== undefined) sources.set(`${path} ${hash}`, { path, hash })
  }
  return [...sources.values()]
}

/** Whether the trace still is the one that the snapshot names. */
export function hasSoundTrace({ trace, snapshot }: RecordedCall): boolean {
  return retrievalTraceHash(trace) === snapshot.retrieval_trace?.hash
}

function hasSoundRules({
  pack_hash,
  pack_id: _id,
  created_at: _createdAt,
  ...body
}: RecordedCall['rolePack']): boolean {
  return canonicalHash(body) === pack_hash
}

/**
 * The workspace with each source as it was for one call: from the disk when its bytes still are those, else from the store, which
 * keeps what a run itself edited. Everything else is read as it is.
 */
export function recordedReader(
  reader: SourceReader,
  artifacts: Pick<ArtifactStore, 'get' | 'has'>,
  sources: readonly RecordedSource[],
): SourceReader {
  const wanted = new Map(sources.map(({ path, hash }) => [path, hash]))
  return {
    read(path, options): SourceRead {
      const read = reader.read(path, options)
      const hash = wanted.get(path)
      const isThere = hash === undefined || (read.status === 'read' && bytesHash(read.bytes) === hash)
      return isThere || !artifacts.has(hash) ? read : { status: 'read', bytes: artifacts.get(hash) }
    },
  }
}

/** Those of the sources that a reader does not have. */
export function missingSources(reader: SourceReader, sources: readonly RecordedSource[]): MissingSource[] {
  return sources.flatMap(({ path, hash }) => {
    const read = reader.read(path)
    const currentHash = read.status === 'read' ? bytesHash(read.bytes) : null
    return currentHash === hash ? [] : [{ path, hash, currentHash }]
  })
}
