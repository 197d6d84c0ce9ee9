import { CanonError, bytesHash, hashesEqual, parseCanonical } from '@ctxlock/core-hash'
import type { StaleReason } from '@ctxlock/contracts/freshness'
import { ContextPackPayload, ContextPackRecord } from '@ctxlock/contracts/packs'
import { parseSelector, type SourceRef } from '@ctxlock/contracts/references'

/** What makes a stored pack invalid, in the words of FG-008. */
export type InvalidPackReason = Extract<
  StaleReason,
  'payload_hash_mismatch' | 'schema_unsupported' | 'record_inconsistent'
>

export type ReadContextPack =
  | {
      readonly status: 'valid'
      readonly record: ContextPackRecord
      /** Corrected: unsourced facts have confidence 0, unsourced constraints and open loops are gone. */
      readonly payload: ContextPackPayload
      /** `context_pack_item_unsourced:<kind>:<item id>` for each correction, for the retrieval trace (CP-029). */
      readonly warnings: readonly string[]
    }
  | { readonly status: 'invalid'; readonly reason: InvalidPackReason }

/**
 * Reads a pack this machine did not build (CP-010, CP-013, CP-025..CP-030). `record` and `payloadBytes` come from a store that
 * others can write to. Says nothing about freshness: whether the sources still have the recorded hashes is another question.
 */
export function readContextPack(record: unknown, payloadBytes: Uint8Array): ReadContextPack {
  if (fieldOf(record, 'schema_version') !== ContextPackRecord.shape.schema_version.value)
    return invalid('schema_unsupported')
  const parsed = ContextPackRecord.safeParse(record)
  if (!parsed.success || !isConsistent(parsed.data)) return invalid('record_inconsistent')
  if (!hashesEqual(bytesHash(payloadBytes), parsed.data.payload_hash)) return invalid('payload_hash_mismatch')

  const value = parsedOrUndefined(payloadBytes)
  if (fieldOf(value, 'schema_version') !== ContextPackPayload.shape.schema_version.value)
    return invalid('schema_unsupported')
  const payload = ContextPackPayload.safeParse(value)
  if (!payload.success) return invalid('record_inconsistent')
  const isSourced = provenanceOf(parsed.data)
  // An anchor into something the record does not cover could change unnoticed, so the whole pack is worthless (CP-008).
  if (!payload.data.anchors.every((anchor) => isSourced([anchor.source_ref]))) return invalid('record_inconsistent')
  return { status: 'valid', record: parsed.data, ...correct(payload.data, isSourced) }
}

/** Facts that may stand in a prompt or become memory (CP-027, CP-028, CP-068). */
export function usableFacts(payload: ContextPackPayload): ContextPackPayload['facts'] {
  return payload.facts.filter((fact) => fact.confidence > 0)
}

type IsSourced = (refs: readonly SourceRef[]) => boolean

/** CP-026, CP-029. */
function correct(payload: ContextPackPayload, isSourced: IsSourced) {
  const warnings: string[] = []
  const check = (kind: string, id: string, refs: readonly SourceRef[]): boolean => {
    const sourced = isSourced(refs)
    if (!sourced) warnings.push(`context_pack_item_unsourced:${kind}:${id}`)
    return sourced
  }
  const corrected: ContextPackPayload = {
    ...payload,
    facts: payload.facts.map((fact) =>
      check('fact', fact.fact_id, fact.source_refs) ? fact : { ...fact, confidence: 0 },
    ),
    constraints: payload.constraints.filter((item) => check('constraint', item.constraint_id, item.source_refs)),
    open_loops: payload.open_loops.filter((item) => check('open_loop', item.loop_id, item.source_refs)),
  }
  return { payload: corrected, warnings }
}

/** CP-013: at least one reference, and each of them bounded and into a recorded source at its recorded hash. */
function provenanceOf(record: ContextPackRecord): IsSourced {
  const hashes = new Map(record.sources.map((source) => [source.source_id, source.source_hash]))
  return (refs) =>
    refs.length > 0 &&
    refs.every(
      ({ id, hash, selector }) =>
        hash !== undefined &&
        hashes.get(id) === hash &&
        selector !== undefined &&
        parseSelector(selector) !== undefined,
    )
}

function isConsistent({ sources, source_hashes, payload_hash, pack_artifact, target }: ContextPackRecord): boolean {
  const sorted = sources.every(
    ({ source_id }, index) => index === 0 || (sources[index - 1]?.source_id ?? '') < source_id,
  )
  const sameHashes =
    sources.length === source_hashes.length &&
    sources.every((source, index) => source.source_hash === source_hashes[index])
  if (!sorted || !sameHashes || pack_artifact.content_hash !== payload_hash) return false
  // Files are packed as sources; an entity that stands for a file would widen the scope (CP-022, CP-066).
  if (target.ref_type === 'entity_ref') return target.ref.artefact_type !== 'file'
  const { id, hash } = target.ref
  return sources.some(({ source_id, source_hash }) => source_id === id && (hash === undefined || hash === source_hash))
}

function invalid(reason: InvalidPackReason): ReadContextPack {
  return { status: 'invalid', reason }
}

function parsedOrUndefined(bytes: Uint8Array): unknown {
  try {
    return parseCanonical(bytes)
  } catch (error) {
    if (error instanceof CanonError) return undefined
    throw error
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined
}
