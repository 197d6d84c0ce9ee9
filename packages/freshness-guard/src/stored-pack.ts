import { isSettled, oncePerSettled, parseCanonical, settle } from '@ctxlock/core-hash'
import { closedValue } from '@ctxlock/contracts/closed-copy'
import type { StaleReason } from '@ctxlock/contracts/freshness'
import {
  ContextPackPayload,
  ContextPackRecord,
  copyOfPackPayload,
  copyOfPackRecord,
  type PackTarget,
} from '@ctxlock/contracts/packs'
import type { Hash, Uuid } from '@ctxlock/contracts/primitives'
import { canonicalReferenceId } from '@ctxlock/contracts/references'

import { referenceSubject } from './reference-subject.ts'
import { readVerifiedPayload, type FreshnessReads } from './current-hashes.ts'
import { FreshnessError } from './freshness-error.ts'

/** How a record is named in what is written down about it, even when the rest of it is worthless. */
export interface PackIdentity {
  readonly packId: Uuid
  /** Canonical reference id. */
  readonly target: string
  readonly payloadHash: Hash
}

/** A record and its payload, parsed from the very bytes that were hashed. */
export interface VerifiedPack {
  readonly record: ContextPackRecord
  readonly payload: ContextPackPayload
}

export type InvalidReason = Extract<StaleReason, 'payload_hash_mismatch' | 'schema_unsupported' | 'record_inconsistent'>
export type OpenedPack = { readonly pack: VerifiedPack } | { readonly invalid: InvalidReason }

/** More sources than any target has; a record that names more would only make the guard read for hours. */
const MAX_SOURCES = 10_000

/** Canonical reference id of a pack's target (ACE-004). */
export function targetId(target: PackTarget): string {
  return target.ref_type === 'source_ref'
    ? canonicalReferenceId({ kind: 'source_ref', ref: target.ref })
    : canonicalReferenceId({ kind: 'entity_ref', ref: target.ref })
}

export function identityOf(record: ContextPackRecord, requestedTarget?: string): PackIdentity {
  const { pack_id, target, payload_hash } = record
  return { packId: pack_id, target: requestedTarget ?? targetId(target), payloadHash: payload_hash }
}

/** Of a record that may be worth nothing else. Throws `PACK_UNIDENTIFIABLE` when a stored record could not even be named in a freshness record. */
export function identifyPack(stored: unknown, requestedTarget?: string): PackIdentity {
  const { shape } = ContextPackRecord
  const packId = shape.pack_id.safeParse(field(stored, 'pack_id'))
  const payloadHash = shape.payload_hash.safeParse(field(stored, 'payload_hash'))
  const target = shape.target.safeParse(field(stored, 'target'))
  const name = requestedTarget ?? (target.success ? targetId(target.data) : undefined)
  if (packId.success && payloadHash.success && name !== undefined) {
    return { packId: packId.data, target: name, payloadHash: payloadHash.data }
  }
  throw new FreshnessError(
    'PACK_UNIDENTIFIABLE',
    'A stored pack record needs at least a UUID pack_id, a SHA-256 payload_hash and a target; remove it from the pack store.',
  )
}

/**
 * Judges record and payload without looking at any source (FG-008, CP-010). `stored` comes from a store that others can
 * write to, so everything it says about itself is checked against everything else it says.
 */
export function openPack(
  stored: unknown,
  { readPayload, parsed }: Pick<FreshnessReads, 'readPayload' | 'parsed'>,
  requestedTarget?: string,
): OpenedPack {
  if (field(stored, 'schema_version') !== ContextPackRecord.shape.schema_version.value) return SCHEMA_UNSUPPORTED
  const record = consistentRecord(stored)
  if (!record) return RECORD_INCONSISTENT
  if (requestedTarget !== undefined && !isSameTarget(targetId(record.target), requestedTarget))
    return RECORD_INCONSISTENT

  const bytes = readVerifiedPayload(record.payload_hash, readPayload)
  if (!bytes) return { invalid: 'payload_hash_mismatch' }
  const known = parsed?.get(record.payload_hash)
  const payload = known ?? parsePayload(bytes)
  if ('invalid' in payload) return payload
  if (!known) parsed?.set(record.payload_hash, settle(payload))
  return anchorsAreCovered(payload, record) ? { pack: { record, payload } } : RECORD_INCONSISTENT
}

/**
 * A record that agrees with itself; undefined for any other. A session asks about the same settled records at every call, and gets
 * settled ones; whatever else is asked about is asked once.
 */
const consistentRecord = oncePerSettled((stored: unknown): ContextPackRecord | undefined => {
  const data = copyOfPackRecord(stored) ?? ContextPackRecord.safeParse(stored).data
  if (!data || !isConsistent(data)) return undefined
  return isSettled(stored) ? settle(data) : data
})

function parsePayload(bytes: Uint8Array): ContextPackPayload | { readonly invalid: InvalidReason } {
  const copy = closedValue(copyOfPackPayload, bytes)
  if (copy) return copy
  const value = parseOrUndefined(bytes)
  if (value === undefined) return RECORD_INCONSISTENT
  if (field(value, 'schema_version') !== ContextPackPayload.shape.schema_version.value) return SCHEMA_UNSUPPORTED
  const payload = ContextPackPayload.safeParse(value)
  return payload.success ? payload.data : RECORD_INCONSISTENT
}

const SCHEMA_UNSUPPORTED = { invalid: 'schema_unsupported' } as const
const RECORD_INCONSISTENT = { invalid: 'record_inconsistent' } as const

function isConsistent(record: ContextPackRecord): boolean {
  const { sources, source_hashes: hashes } = record
  return (
    sources.length <= MAX_SOURCES &&
    sources.length === hashes.length &&
    sources.every((source, index) => source.source_hash === hashes[index]) &&
    // Strictly ascending: sorted by UTF-16 code unit, and no id twice with two hashes.
    sources.every((source, index) => index === 0 || source.source_id > (sources[index - 1]?.source_id ?? '')) &&
    record.pack_artifact.content_hash === record.payload_hash &&
    coversTarget(record)
  )
}

/** A target may carry the hash it was built from, which a rebuild changes (CP-023). */
function isSameTarget(recorded: string, requested: string): boolean {
  return referenceSubject(recorded, 'target') === referenceSubject(requested, 'target')
}

/** A pack of a file that does not name the file among its sources would stay fresh whatever happens to it (CP-008). */
function coversTarget({ target, sources }: ContextPackRecord): boolean {
  // A file is packed under its own name, or its scope would be whatever the entity says (CP-022, CP-066).
  if (target.ref_type === 'entity_ref') return target.ref.artefact_type !== 'file'
  const { id, hash } = target.ref
  return sources.some((source) => source.source_id === id && (hash === undefined || hash === source.source_hash))
}

/** The settled payload whose anchors a settled record was found to cover: neither can change. */
const coveredPayloads = new WeakMap<ContextPackRecord, ContextPackPayload>()

/** An anchor into a source the record does not cover could go stale unnoticed (CP-013). Items are the pack reader's concern. */
function anchorsAreCovered(payload: ContextPackPayload, record: ContextPackRecord): boolean {
  if (coveredPayloads.get(record) === payload) return true
  const hashes = new Map(record.sources.map((source) => [source.source_id, source.source_hash]))
  const areCovered = payload.anchors.every(({ source_ref: ref }) => ref.hash && hashes.get(ref.id) === ref.hash)
  if (areCovered && isSettled(record) && isSettled(payload)) coveredPayloads.set(record, payload)
  return areCovered
}

function parseOrUndefined(bytes: Uint8Array): unknown {
  try {
    return parseCanonical(bytes)
  } catch {
    // A pure function of the bytes: whatever it throws, they are not canonical JSON (CJ-038).
    return undefined
  }
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return Reflect.get(value, name)
}
