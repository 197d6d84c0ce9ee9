import { canonicalize, oncePerSettled } from '@ctxlock/core-hash'
import { z } from 'zod'

import { Classification, Count, Hash, Identifier, SourceId, Timestamp, Uuid } from './primitives.ts'

const MAX_SELECTOR = 1024
const SELECTOR =
  /^(?:lines:[1-9]\d*-[1-9]\d*|bytes:\d+-\d+|span:\d+-\d+|time:\d+-\d+|block:[^\p{Cc}*]+|jsonpath:\$(?!.*\.\.)[^\p{Cc}*]*)$/u

/** A bounded part of a source: `lines:`, `bytes:`, `span:`, `block:`, `jsonpath:` or `time:` (ACE-001, ACE-002). */
export const Selector = z.string().max(MAX_SELECTOR).regex(SELECTOR).meta({ id: 'Selector' })
export type Selector = z.infer<typeof Selector>

export type ParsedSelector =
  | { readonly kind: 'lines' | 'bytes' | 'span' | 'time'; readonly start: number; readonly end: number }
  | { readonly kind: 'block' | 'jsonpath'; readonly value: string }

/** The parts of a selector, or undefined when it is not bounded (ACE-002). */
export function parseSelector(selector: string): ParsedSelector | undefined {
  // As the schema says; without it, because every anchor of every pack is asked.
  if (selector.length > MAX_SELECTOR || !SELECTOR.test(selector)) return undefined
  const colon = selector.indexOf(':')
  const kind = selector.slice(0, colon)
  const rest = selector.slice(colon + 1)
  if (kind === 'block' || kind === 'jsonpath') return { kind, value: rest }
  if (kind !== 'lines' && kind !== 'bytes' && kind !== 'span' && kind !== 'time') return undefined
  const [start = Number.NaN, end = Number.NaN] = rest.split('-').map(Number)
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start > end) return undefined
  return { kind, start, end }
}

/** A named piece of evidence; `hash` and `selector` are demanded wherever it is used as evidence (spec 04 section 1). */
export const SourceRef = z
  .strictObject({
    kind: z.enum(['span', 'job_step', 'artifact', 'entity', 'doc_block', 'kv']),
    id: SourceId,
    hash: Hash.exactOptional(),
    selector: Selector.exactOptional(),
    created_at: Timestamp.exactOptional(),
    classification: Classification.exactOptional(),
  })
  .meta({ id: 'SourceRef' })
export type SourceRef = z.infer<typeof SourceRef>

export const EntityRef = z
  .strictObject({ artefact_type: Identifier, artefact_id: Identifier, selector: Identifier.exactOptional() })
  .meta({ id: 'EntityRef' })
export type EntityRef = z.infer<typeof EntityRef>

export const ArtifactKind = z.enum([
  'file',
  'tool_output',
  'transcript',
  'dataset_slice',
  'prompt_payload',
  'report',
  'bundle',
])
export type ArtifactKind = z.infer<typeof ArtifactKind>

export const ArtifactHandle = z
  .strictObject({
    artifact_id: Uuid,
    kind: ArtifactKind,
    /** Store-relative, never a path of the host. */
    uri: z.string().regex(/^\/[^\p{Cc}]+$/u),
    content_hash: Hash,
    size_bytes: Count,
    classification: Classification,
    exportable: z.boolean(),
    retention_ttl_days: Count.exactOptional(),
  })
  .meta({ id: 'ArtifactHandle' })
export type ArtifactHandle = z.infer<typeof ArtifactHandle>

export type Reference =
  | { readonly kind: 'source_ref'; readonly ref: SourceRef }
  | { readonly kind: 'entity_ref'; readonly ref: EntityRef }
  | { readonly kind: 'artifact_handle'; readonly ref: ArtifactHandle }

/** The identity of a reference: tie-break key and member of visited sets (ACE-004). Returns canonical JSON text. */
export function canonicalReferenceId(reference: Reference): string {
  switch (reference.kind) {
    case 'source_ref':
      return sourceReferenceId(reference.ref)
    case 'entity_ref': {
      const { artefact_type, artefact_id, selector } = reference.ref
      return canonicalize(['entity_ref', artefact_type, artefact_id, selector ?? null])
    }
    case 'artifact_handle':
      return canonicalize(['artifact_handle', reference.ref.artifact_id, reference.ref.content_hash])
  }
}

const sourceReferenceId = oncePerSettled(({ kind, id, hash, selector }: SourceRef) =>
  canonicalize(['source_ref', kind, id, hash ?? null, selector ?? null]),
)

/** `file:<relative path>`, the id of a workspace file (CP-023). */
export function fileSourceId(path: string): string {
  return `file:${path}`
}

/** The path of a `file:` source id, or undefined for any other id. */
export function pathOfSourceId(id: string): string | undefined {
  return id.startsWith('file:') ? id.slice('file:'.length) : undefined
}
