import type { Hash } from '@ctxlock/core-hash'
import type { ContextPackPayload, ContextPackRecord } from '@ctxlock/contracts/packs'
import type { ArtifactStore, Clock } from '@ctxlock/contracts/ports'
import type { Classification } from '@ctxlock/contracts/primitives'
import { fileSourceId } from '@ctxlock/contracts/references'

import { describeBuilder } from './builder.ts'
import {
  derivePack,
  refusedPath,
  type DerivationInput,
  type DerivedPack,
  type NotPacked,
  type PackedSource,
} from './derived-pack.ts'
import { DEFAULT_PACK_LIMITS } from './limits.ts'
import { fileIdentity, reuseKeyOf, type PackIdentity } from './pack-identity.ts'
import { packRecord, sealRecord, type UnsealedRecord } from './pack-record.ts'
import { readSnapshot, textOf, type SourceSnapshot } from './source-text.ts'

/** A record the host kept, with the size of its source in tokens when that is known. */
export interface StoredPack {
  readonly record: ContextPackRecord
  readonly tokens?: SourceTokens
}

export interface SourceTokens {
  readonly counterId: string
  readonly count: number
}

/** A pack that is ready but not written yet. */
export interface PackCandidate {
  readonly record: UnsealedRecord
  readonly payload: ContextPackPayload
}

export interface ContextPackInput extends DerivationInput {
  readonly store: ArtifactStore
  readonly clock: Clock
  /** The latest pack of this file, whatever the file held then. */
  readonly previous?: StoredPack
  /** Finds a pack by its reuse key, so that a file that changed back needs no new one. */
  readonly findReusable?: (reuseKey: Hash) => StoredPack | undefined
  readonly forceRebuild?: boolean
  /** Of the payload artifact; `medium` and not exportable if left out (CP-005). */
  readonly classification?: Classification
  readonly exportable?: boolean
  /** The guards of CP-019. Answers false to keep the pack from being written. */
  readonly mayPublish?: (candidate: PackCandidate) => boolean
}

export type ContextPackResult =
  | {
      readonly status: 'built' | 'refreshed'
      readonly source: PackedSource
      readonly record: ContextPackRecord
      readonly payload: ContextPackPayload
      readonly previousPayloadHash?: Hash
    }
  | { readonly status: 'reused'; readonly source: PackedSource; readonly record: ContextPackRecord }
  | NotPacked

/**
 * Packs one workspace file (CP-017..CP-023). Writes the payload as canonical JSON to `store` and returns the record; what
 * becomes of the record is the host's business. Reads the file once to reuse a pack, twice to build one: before and after
 * must have the same hash, with one more attempt (CP-021). A file that cannot be packed is an answer, not an exception.
 *
 * Throws `PACK_INVALID` for a selector allowlist that is not bounded and `PACK_HASH_MISMATCH` when the store keeps other bytes
 * than it was given; what `reader`, `store`, `redactor` and `mayPublish` throw passes through.
 */
export function buildContextPack(input: ContextPackInput): ContextPackResult {
  const { path, reader, limits } = input
  const refused = refusedPath(path)
  if (refused) return refused
  const before = readSnapshot(reader, path, limits?.maxSourceBytes ?? DEFAULT_PACK_LIMITS.maxSourceBytes)
  if ('reason' in before) return { status: 'not_packed', path, reason: before.reason }
  const builder = describeBuilder(input)
  // A record of another file has nothing to say about this one.
  const previous = isOf(path, input.previous) ? input.previous : undefined
  const reusable = findReusable(fileIdentity(path, before.hash, builder).reuseKey, previous, input)
  const reused = reusable && reuse(reusable, before, input)
  if (reused) return reused

  const derived = derivePack(input, before.hash)
  if (derived.status === 'not_packed') return derived
  const identity = fileIdentity(path, derived.source.hash, builder)
  const record = publish(identity, derived, previous, input)
  if (!record) return { status: 'not_packed', path, reason: 'PACK_REFUSED_BY_GUARD', source: derived.source }
  return {
    status: previous ? 'refreshed' : 'built',
    source: derived.source,
    record,
    payload: derived.payload,
    ...(previous && { previousPayloadHash: previous.record.payload_hash }),
  }
}

function isOf(path: string, stored: StoredPack | undefined): boolean {
  const target = stored?.record.target
  return target?.ref_type === 'source_ref' && target.ref.id === fileSourceId(path)
}

/** CP-020. A pack whose payload is gone from the store is no pack. */
function findReusable(key: Hash, previous: StoredPack | undefined, input: ContextPackInput): StoredPack | undefined {
  if (input.forceRebuild === true) return undefined
  const candidate = previous && reuseKeyOf(previous.record) === key ? previous : input.findReusable?.(key)
  return candidate && input.store.has(candidate.record.payload_hash) ? candidate : undefined
}

/** Undefined when the file is no text after all, so that the record cannot be true. */
function reuse(
  { record, tokens }: StoredPack,
  snapshot: SourceSnapshot,
  { path, tokenCounter }: ContextPackInput,
): ContextPackResult | undefined {
  const source = { path, hash: snapshot.hash, sizeBytes: snapshot.bytes.length }
  if (tokens?.counterId === tokenCounter.id)
    return { status: 'reused', source: { ...source, tokens: tokens.count }, record }
  const decoded = textOf(snapshot)
  if ('reason' in decoded) return undefined
  return { status: 'reused', source: { ...source, tokens: tokenCounter.count(decoded.text) }, record }
}

/** Undefined when the guards refuse; then nothing was written. */
function publish(
  identity: PackIdentity,
  { payload, bytes, payloadHash }: DerivedPack,
  previous: StoredPack | undefined,
  input: ContextPackInput,
): ContextPackRecord | undefined {
  const record = packRecord(identity, payloadHash, {
    createdAt: input.clock.now(),
    version: (previous?.record.version ?? 0) + 1,
  })
  if (input.mayPublish?.({ record, payload }) === false) return undefined
  const handle = input.store.put(bytes, {
    kind: 'file',
    classification: input.classification ?? 'medium',
    exportable: input.exportable ?? false,
  })
  return sealRecord(record, handle)
}
