import { z } from 'zod'

import { closedCopy } from '../closed-copy.ts'
import { Hash, Identifier, SourceId, Timestamp, Uuid } from '../primitives.ts'
import { ArtifactHandle, EntityRef, Selector, SourceRef } from '../references.ts'

export const SourceHash = z.strictObject({ source_id: SourceId, source_hash: Hash }).meta({ id: 'SourceHash' })
export type SourceHash = z.infer<typeof SourceHash>

export const Builder = z
  .strictObject({ tool_id: Identifier, tool_version: Identifier, config_hash: Hash })
  .meta({ id: 'Builder' })
export type Builder = z.infer<typeof Builder>

export const PackTarget = z
  .discriminatedUnion('ref_type', [
    z.strictObject({ ref_type: z.literal('source_ref'), ref: SourceRef }),
    z.strictObject({ ref_type: z.literal('entity_ref'), ref: EntityRef }),
  ])
  .meta({ id: 'PackTarget' })
export type PackTarget = z.infer<typeof PackTarget>

export const ContextPackRecord = z
  .strictObject({
    schema_version: z.literal('hsk.context_pack_record@1'),
    pack_id: Uuid,
    target: PackTarget,
    pack_artifact: ArtifactHandle,
    source_hashes: z.array(Hash).min(1),
    sources: z.array(SourceHash).min(1),
    payload_hash: Hash,
    created_at: Timestamp,
    builder: Builder,
    version: z.int().min(1),
  })
  .meta({ id: 'ContextPackRecord' })
export type ContextPackRecord = z.infer<typeof ContextPackRecord>
/** What the schema makes of a record, ready to be written; undefined where the schema has to judge. */
export const copyOfPackRecord = closedCopy(ContextPackRecord)

/** Why a file was cut into line windows instead of being read by the extractor of its format. */
export const FallbackReason = z.enum([
  'syntax_error',
  'too_large',
  'lines_too_long',
  'too_deep',
  'too_complex',
  'no_anchors',
  'extractor_failed',
  'invalid_output',
])
export type FallbackReason = z.infer<typeof FallbackReason>

/** Why a file has no pack. The upper-case ones are codes of spec 02; the others say what the file is or how reading it ended. */
export const NotPackedReason = z.enum([
  'missing',
  'unreadable',
  'not_a_file',
  'too_large',
  'outside_workspace',
  'binary',
  'not_utf8',
  'PACK_NOT_ANCHORED',
  'PACK_SOURCE_UNSTABLE',
  'PACK_SECRET_DETECTED',
  'PACK_ABSOLUTE_PATH',
  'PACK_RUNTIME_READ_REF',
  'PACK_REFUSED_BY_GUARD',
])
export type NotPackedReason = z.infer<typeof NotPackedReason>

/** A string measured in code points (spec 02 decision 6), LF line endings, no other control character but TAB (CP-016). */
const packText = (maximum: number) =>
  z
    .string()
    .min(1)
    .regex(new RegExp(`^(?:[^\\p{Cc}]|[\\n\\t]){1,${maximum}}$`, 'u'))

export const PackFact = z.strictObject({
  fact_id: z.string().regex(/^f-[0-9a-f]{12}$/),
  text: packText(512),
  source_refs: z.array(SourceRef),
  confidence: z.number().min(0).max(1),
})
export const PackConstraint = z.strictObject({
  constraint_id: z.string().regex(/^c-[0-9a-f]{12}$/),
  text: packText(512),
  source_refs: z.array(SourceRef),
  severity: z.enum(['hard', 'soft']),
})
export const PackOpenLoop = z.strictObject({
  loop_id: z.string().regex(/^l-[0-9a-f]{12}$/),
  question: packText(512),
  source_refs: z.array(SourceRef),
})
export const PackAnchor = z.strictObject({
  anchor_id: z.string().regex(/^a-[0-9a-f]{12}$/),
  source_ref: SourceRef,
  excerpt_hint: packText(200),
})
export type PackAnchor = z.infer<typeof PackAnchor>

export const Redaction = z
  .strictObject({
    location: z.string().max(1024),
    category: Identifier,
    detector_id: Identifier,
    count: z.int().min(1),
  })
  .meta({ id: 'Redaction' })
export type Redaction = z.infer<typeof Redaction>

export const ContextPackPayload = z
  .strictObject({
    schema_version: z.literal('hsk.context_pack_payload@1'),
    synopsis: packText(800),
    facts: z.array(PackFact),
    constraints: z.array(PackConstraint),
    open_loops: z.array(PackOpenLoop),
    anchors: z.array(PackAnchor).min(1),
    coverage: z.strictObject({
      scanned_selectors: z.array(Selector),
      skipped_selectors: z.array(Selector).exactOptional(),
      /** `name@version` of the extractor the anchors come from. */
      extractor: Identifier.exactOptional(),
      /** Present when the extractor of the format could not be used. */
      fallback_reason: FallbackReason.exactOptional(),
      /** Anchors, facts, constraints and open loops that were found but exceed the limits of a pack. */
      omitted_items: z.int().min(1).exactOptional(),
    }),
    redactions: z.array(Redaction),
  })
  .meta({ id: 'ContextPackPayload' })
export type ContextPackPayload = z.infer<typeof ContextPackPayload>
/** What the schema makes of a payload, ready to be written; undefined where the schema has to judge. */
export const copyOfPackPayload = closedCopy(ContextPackPayload)
