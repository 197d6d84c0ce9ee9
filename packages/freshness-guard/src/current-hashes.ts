import { bytesHash, hashesEqual } from '@ctxlock/core-hash'
import type { ContextPackPayload } from '@ctxlock/contracts/packs'
import type { SourceLoan, SourceRead, SourceReader } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/contracts/primitives'
import { isRelativePath } from '@ctxlock/contracts/relative-path'
import { pathOfSourceId } from '@ctxlock/contracts/references'

import { FreshnessError } from './freshness-error.ts'

/** Where the bytes of sources and packs come from. Nothing else is asked: no flag, no file time, no marker (FG-010). */
export interface FreshnessReads {
  readonly reader: SourceReader
  /** Sources that are no workspace files. Without it they count as unreadable, so their packs as stale. */
  readonly readOtherSource?: (sourceId: string) => SourceRead
  /**
   * The stored bytes of a pack by their recorded hash, `undefined` when there are none; they are hashed again here. An
   * artifact store's `get` fits: its `ARTIFACT_MISSING` and `ARTIFACT_HASH_MISMATCH` count as no bytes.
   */
  readonly readPayload: (contentHash: Hash) => Uint8Array | undefined
  /** Payloads that were parsed before, by the hash of their bytes, which are read and hashed again all the same. */
  readonly parsed?: ParsedPayloads
}

/** Kept by the host for as long as it likes: what bytes parse to follows from their hash. What is kept is frozen. */
export interface ParsedPayloads {
  get(contentHash: Hash): ContextPackPayload | undefined
  set(contentHash: Hash, payload: ContextPackPayload): void
}

export type CurrentHash = { readonly hash: Hash } | { readonly failure: 'source_missing' | 'source_unreadable' }
/** One answer for each source, in their order. */
export type CurrentHashes = (sourceIds: readonly string[]) => CurrentHash[]

/**
 * Hashes sources as they are now, each at most once. The answers are good for one retrieval call only (FG-012): make a new
 * one for the second check and after every rebuild.
 */
export function currentHashes(reads: FreshnessReads): CurrentHashes {
  const known = new Map<string, CurrentHash>()
  return (sourceIds) => {
    const unknown = sourceIds.filter((id) => !known.has(id))
    hashEach(unknown, reads).forEach((hash, index) => known.set(unknown[index] ?? '', hash))
    return sourceIds.map((id) => known.get(id) ?? { failure: 'source_unreadable' })
  }
}

function hashEach(sourceIds: readonly string[], reads: FreshnessReads): CurrentHash[] {
  const { reader } = reads
  try {
    // The guard hashes the bytes itself, whoever lends them (FG-010).
    const paths = sourceIds.map((id) => pathOfSourceId(id) ?? '')
    if (reader.lendEach && paths.every(isRelativePath)) return reader.lendEach(paths, bytesHash).map(currentHash)
    return sourceIds.map((id) => currentHash(hashSource(id, reads)))
  } catch (cause) {
    throw new FreshnessError('READ_FAILED', 'A source reader threw instead of answering; see the cause.', {}, { cause })
  }
}

function currentHash(hashed: SourceLoan<Hash>): CurrentHash {
  if (hashed.status === 'read') return { hash: hashed.result }
  return { failure: hashed.status === 'missing' ? 'source_missing' : 'source_unreadable' }
}

function hashSource(sourceId: string, { reader, readOtherSource }: FreshnessReads): SourceLoan<Hash> {
  const path = pathOfSourceId(sourceId)
  // Ids come from stored records, which anyone who can write to the store controls.
  if (path !== undefined && !isRelativePath(path)) return { status: 'outside_workspace' }
  if (path !== undefined && reader.lend) return reader.lend(path, bytesHash)
  const read = path === undefined ? readOtherSource?.(sourceId) : reader.read(path)
  if (read?.status !== 'read') return read ?? { status: 'unreadable' }
  return { status: 'read', result: bytesHash(read.bytes) }
}

/** The bytes recorded under a hash if they are there and still hash to it. */
export function readVerifiedPayload(
  contentHash: Hash,
  readPayload: FreshnessReads['readPayload'],
): Uint8Array | undefined {
  const bytes = readStoredPayload(contentHash, readPayload)
  return bytes && hashesEqual(bytesHash(bytes), contentHash) ? bytes : undefined
}

function readStoredPayload(contentHash: Hash, readPayload: FreshnessReads['readPayload']): Uint8Array | undefined {
  try {
    return readPayload(contentHash)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && NO_SUCH_BYTES.has(cause.code)) return undefined
    throw new FreshnessError(
      'READ_FAILED',
      `The payload ${contentHash} could not be read; see the cause.`,
      {},
      { cause },
    )
  }
}

const NO_SUCH_BYTES = new Set<unknown>(['ARTIFACT_MISSING', 'ARTIFACT_HASH_MISMATCH'])
