import type { ContextPackFreshnessRecord, FreshnessOutcome, StaleReason } from '@ctxlock/contracts/freshness'
import { ContextPackPayload, ContextPackRecord } from '@ctxlock/contracts/packs'
import type { SourceReader } from '@ctxlock/contracts/ports'
import { canonicalReferenceId, fileSourceId } from '@ctxlock/contracts/references'
import { bytesHash, canonicalHash, uuidFromHash } from '@ctxlock/core-hash'

import type { CheckedPack, LineRange, PackCheck } from '../../src/index.ts'

export interface Pack {
  readonly record: ContextPackRecord
  readonly payload: ContextPackPayload
}

/** A pack of one file as a builder would make it: one anchor a range, hashes of the bytes as they are. */
export function packOf(
  path: string,
  bytes: Uint8Array,
  anchors: readonly (LineRange & { readonly hint: string })[],
): Pack {
  const hash = bytesHash(bytes)
  const id = fileSourceId(path)
  const payload = ContextPackPayload.parse({
    schema_version: 'hsk.context_pack_payload@1',
    synopsis: path,
    facts: [],
    constraints: [],
    open_loops: [],
    anchors: anchors.map(({ start, end, hint }) => {
      const selector = `lines:${start}-${end}`
      const anchor_id = `a-${canonicalHash([id, selector]).slice(0, 12)}`
      return { anchor_id, source_ref: { kind: 'span', id, hash, selector }, excerpt_hint: hint }
    }),
    coverage: { scanned_selectors: [] },
    redactions: [],
  })
  const payload_hash = canonicalHash(payload)
  const record = ContextPackRecord.parse({
    schema_version: 'hsk.context_pack_record@1',
    pack_id: uuidFromHash(payload_hash),
    target: { ref_type: 'source_ref', ref: { kind: 'span', id } },
    pack_artifact: {
      artifact_id: uuidFromHash(payload_hash),
      kind: 'file',
      uri: `/objects/${payload_hash}`,
      content_hash: payload_hash,
      size_bytes: 1,
      classification: 'low',
      exportable: false,
    },
    source_hashes: [hash],
    sources: [{ source_id: id, source_hash: hash }],
    payload_hash,
    created_at: '2026-11-20T12:00:00.000Z',
    builder: { tool_id: 'test', tool_version: '1', config_hash: canonicalHash({}) },
    version: 1,
  })
  return { record, payload }
}

/** Compares the pack's file with the workspace now, under the default policy without a rebuild; see spec 03, D00 and D07. */
export function checkAgainst(
  reader: SourceReader,
  packs: readonly Pack[],
  outcome: FreshnessOutcome = 'fallback',
): PackCheck {
  const byPath = new Map(packs.map((pack) => [pack.record.sources[0]?.source_id, pack]))
  return (path) => {
    const pack = byPath.get(fileSourceId(path))
    if (!pack) return undefined
    const read = reader.read(path)
    const current = read.status === 'read' ? bytesHash(read.bytes) : null
    return current === pack.record.sources[0]?.source_hash
      ? { freshness: freshnessRecord(pack, 'use_pack', null, current), pack }
      : { freshness: freshnessRecord(pack, outcome, 'hash_mismatch', current) }
  }
}

export function freshnessRecord(
  { record }: Pack,
  outcome: FreshnessOutcome,
  reason: StaleReason | null,
  current: string | null,
  more: Partial<ContextPackFreshnessRecord> = {},
): CheckedPack['freshness'] {
  const usable = outcome === 'use_pack' || outcome === 'use_regenerated'
  const stale = record.sources.map(({ source_id, source_hash }) => ({
    source_id,
    recorded_hash: source_hash,
    current_hash: current,
  }))
  return {
    pack_id: record.pack_id,
    target:
      record.target.ref_type === 'source_ref'
        ? canonicalReferenceId({ kind: 'source_ref', ref: record.target.ref })
        : '',
    pack_payload_hash: record.payload_hash,
    context_pack_stale_detected: reason !== null,
    context_pack_stale_reason: reason,
    stale_sources: reason === null ? [] : stale,
    context_pack_regen_allowed: true,
    context_pack_regen_allowed_policy: true,
    context_pack_regen_denied_by: null,
    context_pack_regen_required: outcome === 'degrade_and_fallback' || outcome === 'fail',
    context_pack_stale_handling: outcome === 'fail' ? 'fail' : 'fallback',
    context_pack_regen_attempted: outcome === 'use_regenerated',
    context_pack_regen_performed: outcome === 'use_regenerated',
    regen_outcome: outcome === 'use_regenerated' ? 'performed_fresh' : 'not_attempted',
    outcome,
    effective_pack_payload_hash: usable ? record.payload_hash : null,
    decision_row: {
      use_pack: 'D00',
      fallback: 'D07',
      degrade_and_fallback: 'D19',
      fail: 'D27',
      use_regenerated: 'D10',
    }[outcome],
    ...more,
  }
}
