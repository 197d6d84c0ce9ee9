import { canonicalHash, uuidFromHash, type Hash } from '@ctxlock/core-hash'
import type { Builder, ContextPackRecord, PackTarget, SourceHash } from '@ctxlock/contracts/packs'
import { fileSourceId } from '@ctxlock/contracts/references'

import { PACK_SCHEMA_VERSION } from './builder.ts'

/** What a pack is of and who builds it: with the same identity, two builds give the same payload. */
export interface PackIdentity {
  readonly target: PackTarget
  readonly sources: SourceHash[]
  readonly builder: Builder
  readonly reuseKey: Hash
}

/** The identity of the pack of one file; `hash` is the raw-byte hash of the file. */
export function fileIdentity(path: string, hash: Hash, builder: Builder): PackIdentity {
  const id = fileSourceId(path)
  const target: PackTarget = { ref_type: 'source_ref', ref: { kind: 'span', id, hash } }
  const sources = [{ source_id: id, source_hash: hash }]
  return { target, sources, builder, reuseKey: reuseKey(target, sources, builder) }
}

/** CP-020. */
function reuseKey(target: PackTarget, sources: readonly SourceHash[], builder: Builder): Hash {
  return canonicalHash({
    target,
    sources,
    builder_config_hash: builder.config_hash,
    pack_schema_version: PACK_SCHEMA_VERSION,
  })
}

/** The reuse key of a record as it was built. */
export function reuseKeyOf({ target, sources, builder }: ContextPackRecord): Hash {
  return reuseKey(target, sources, builder)
}

/** Derived, so that the same pack has the same id on every machine; the time and the version stay out of it. */
export function packIdOf(key: Hash, payloadHash: Hash): string {
  return uuidFromHash(canonicalHash(['context_pack', key, payloadHash]))
}
