import { bytesHash, canonicalHash, canonicalize, toTimestamp, uuidFromHash, type Hash } from '@ctxlock/core-hash'
import {
  ContextPackPayload,
  type ContextPackRecord,
  type NotPackedReason,
  type PackTarget,
} from '@ctxlock/contracts/packs'
import type { ArtifactStore, Clock, SourceReader, TokenCounter } from '@ctxlock/contracts/ports'
import { isRelativePath, type Classification } from '@ctxlock/contracts/primitives'
import { fileSourceId } from '@ctxlock/contracts/references'

import { builtInExtractors } from '../extractors/built-in.ts'
import { extractChecked } from '../extractors/checked-extraction.ts'
import { PackError, type PackErrorCode } from '../pack-error.ts'
import { isRuntimeOnlyPath } from '../path-rules.ts'
import { parsedBy } from '../roles/sealed-pack.ts'
import { assertNoSecret } from '../text/field-redactor.ts'
import { describeBuilder, reuseKey, reuseKeyOf, type BuilderOptions } from './builder.ts'
import { DEFAULT_PACK_LIMITS } from './limits.ts'
import { composePayload } from './payload.ts'
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
  readonly record: Omit<ContextPackRecord, 'pack_artifact'>
  readonly payload: ContextPackPayload
}

export interface ContextPackInput extends BuilderOptions {
  /** Workspace-relative, as in a lockfile. */
  readonly path: string
  readonly reader: SourceReader
  readonly store: ArtifactStore
  readonly clock: Clock
  readonly tokenCounter: TokenCounter
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

/** The file as it was packed; sizes in bytes and tokens of the whole file. */
export interface PackedSource {
  readonly path: string
  readonly hash: Hash
  readonly sizeBytes: number
  readonly tokens: number
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
  | {
      readonly status: 'not_packed'
      readonly path: string
      readonly reason: NotPackedReason
      /** Absent when the file could not be read; without `tokens` when it is no text. */
      readonly source?: Omit<PackedSource, 'tokens'> & { readonly tokens?: number }
    }

/**
 * Packs one workspace file (CP-017..CP-023). Writes the payload as canonical JSON to `store` and returns the record; what
 * becomes of the record is the host's business. Reads the file once to reuse a pack, twice to build one: before and after
 * must have the same hash, with one more attempt (CP-021). A file that cannot be packed is an answer, not an exception.
 *
 * Throws `PACK_INVALID` for a selector allowlist that is not bounded and `PACK_HASH_MISMATCH` when the store keeps other bytes
 * than it was given; what `reader`, `store`, `redactor` and `mayPublish` throw passes through.
 */
export function buildContextPack(input: ContextPackInput): ContextPackResult {
  const { path } = input
  if (!isRelativePath(path)) return { status: 'not_packed', path, reason: 'PACK_ABSOLUTE_PATH' }
  if (isRuntimeOnlyPath(path)) return { status: 'not_packed', path, reason: 'PACK_RUNTIME_READ_REF' }

  // A record of another file has nothing to say about this one.
  const { previous, ...rest } = input
  const own = previous?.record.target.ref_type === 'source_ref' && previous.record.target.ref.id === fileSourceId(path)
  const checked = own ? input : rest
  const first = attempt(checked)
  if (first !== 'changed_meanwhile') return first
  const second = attempt(checked)
  return second === 'changed_meanwhile' ? { status: 'not_packed', path, reason: 'PACK_SOURCE_UNSTABLE' } : second
}

function attempt(input: ContextPackInput): ContextPackResult | 'changed_meanwhile' {
  const { path, reader, previous, redactor, extractors = builtInExtractors, selectorAllowlist } = input
  const limits = { ...DEFAULT_PACK_LIMITS, ...input.limits }
  const snapshot = readSnapshot(reader, path, limits.maxSourceBytes)
  if ('reason' in snapshot) return { status: 'not_packed', path, reason: snapshot.reason }
  const source = { path, hash: snapshot.hash, sizeBytes: snapshot.bytes.length }

  const decoded = textOf(snapshot)
  if ('reason' in decoded) return { status: 'not_packed', path, reason: decoded.reason, source }
  const identity = packIdentity(snapshot, input)
  const reusable = findReusable(identity.reuseKey, input)
  const tokens = reusable?.tokens?.counterId === input.tokenCounter.id ? reusable.tokens.count : undefined
  const counted = { ...source, tokens: tokens ?? input.tokenCounter.count(decoded.text) }
  if (reusable) return { status: 'reused', source: counted, record: reusable.record }

  try {
    assertNoSecret(redactor, path)
    const checked = extractChecked(decoded.text, path, extractors, limits.maxAnchors)
    const { hash } = snapshot
    const payload = composePayload({ path, hash, text: decoded.text }, checked, redactor, limits, selectorAllowlist)
    const after = readSnapshot(reader, path, limits.maxSourceBytes)
    if ('reason' in after || after.hash !== hash) return 'changed_meanwhile'

    const record = publish(identity, parsedBy(ContextPackPayload, payload), input)
    if (!record) return { status: 'not_packed', path, reason: 'PACK_REFUSED_BY_GUARD', source: counted }
    return {
      status: previous ? 'refreshed' : 'built',
      source: counted,
      record,
      payload,
      ...(previous && { previousPayloadHash: previous.record.payload_hash }),
    }
  } catch (error) {
    const reason = error instanceof PackError ? NOT_PACKED_CODES[error.code] : undefined
    if (!reason) throw error
    return { status: 'not_packed', path, reason, source: counted }
  }
}

const NOT_PACKED_CODES: { readonly [Code in PackErrorCode]?: NotPackedReason } = {
  PACK_NOT_ANCHORED: 'PACK_NOT_ANCHORED',
  PACK_SECRET_DETECTED: 'PACK_SECRET_DETECTED',
}

type PackIdentity = Pick<ContextPackRecord, 'target' | 'sources' | 'builder'> & { readonly reuseKey: Hash }

function packIdentity({ hash }: SourceSnapshot, input: ContextPackInput): PackIdentity {
  const id = fileSourceId(input.path)
  const target: PackTarget = { ref_type: 'source_ref', ref: { kind: 'span', id, hash } }
  const sources = [{ source_id: id, source_hash: hash }]
  const builder = describeBuilder(input)
  return { target, sources, builder, reuseKey: reuseKey(target, sources, builder) }
}

/** CP-020. A pack whose payload is gone from the store is no pack. */
function findReusable(key: Hash, { previous, findReusable: find, forceRebuild, store }: ContextPackInput) {
  if (forceRebuild === true) return undefined
  const candidate = previous && reuseKeyOf(previous.record) === key ? previous : find?.(key)
  return candidate && store.has(candidate.record.payload_hash) ? candidate : undefined
}

/** Undefined when the guards refuse; then nothing was written. */
function publish(
  { target, sources, builder, reuseKey: key }: PackIdentity,
  payload: ContextPackPayload,
  input: ContextPackInput,
): ContextPackRecord | undefined {
  const bytes = new TextEncoder().encode(canonicalize(payload))
  const payloadHash = bytesHash(bytes)
  const record = {
    schema_version: 'hsk.context_pack_record@1',
    // Derived, so that the same pack has the same id on every machine; the time and the version stay out of it.
    pack_id: uuidFromHash(canonicalHash(['context_pack', key, payloadHash])),
    target,
    source_hashes: sources.map((source) => source.source_hash),
    sources,
    payload_hash: payloadHash,
    created_at: toTimestamp(new Date(input.clock.now())),
    builder,
    version: (input.previous?.record.version ?? 0) + 1,
  } as const
  if (input.mayPublish?.({ record, payload }) === false) return undefined
  const handle = input.store.put(bytes, {
    kind: 'file',
    classification: input.classification ?? 'medium',
    exportable: input.exportable ?? false,
  })
  if (handle.content_hash !== payloadHash) {
    throw new PackError('PACK_HASH_MISMATCH', 'The artifact store kept other bytes than it was given; check its disk.')
  }
  return { ...record, pack_artifact: handle }
}
