import { toTimestamp, type Hash } from '@ctxlock/core-hash'
import type { ContextPackRecord } from '@ctxlock/contracts/packs'
import type { ArtifactHandle } from '@ctxlock/contracts/references'

import { PackError } from '../pack-error.ts'
import { packIdOf, type PackIdentity } from './pack-identity.ts'

/** A record whose payload is not stored yet. */
export type UnsealedRecord = Omit<ContextPackRecord, 'pack_artifact'>

/** The record of a derived pack (spec 02 section 2); `createdAt` in milliseconds since the Unix epoch. */
export function packRecord(
  { target, sources, builder, reuseKey }: PackIdentity,
  payloadHash: Hash,
  { createdAt, version }: { readonly createdAt: number; readonly version: number },
): UnsealedRecord {
  return {
    schema_version: 'hsk.context_pack_record@1',
    pack_id: packIdOf(reuseKey, payloadHash),
    target,
    source_hashes: sources.map((source) => source.source_hash),
    sources,
    payload_hash: payloadHash,
    created_at: toTimestamp(new Date(createdAt)),
    builder,
    version,
  }
}

/** The record with the handle of its stored payload. Throws `PACK_HASH_MISMATCH` when the store kept other bytes. */
export function sealRecord(record: UnsealedRecord, handle: ArtifactHandle): ContextPackRecord {
  if (handle.content_hash !== record.payload_hash) {
    throw new PackError('PACK_HASH_MISMATCH', 'The artifact store kept other bytes than it was given; check its disk.')
  }
  return { ...record, pack_artifact: handle }
}
