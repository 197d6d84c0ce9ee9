// One run as a file that can be checked without the workspace it came from: canonical JSON, one record a line, in the order of
// `BundleLine`. A checker believes none of it before the signature in its last line, and each proof, holds.
import { z } from 'zod'

import { ConsentReceipt, ProjectionPlan } from './consent.ts'
import { Base64, Count, Hash, Identifier, Uuid } from './primitives.ts'

/** What is left out of a bundle: nothing; every name, path, text and content hash; all but the hash and the place of each event. */
export const BundleRedaction = z.enum(['none', 'names', 'all']).meta({ id: 'BundleRedaction' })
export type BundleRedaction = z.infer<typeof BundleRedaction>

/** Sibling hashes on the way to a root, the lowest first. */
const ProofHashes = z.array(Hash).max(64)

export const BundleHead = z.strictObject({
  kind: z.literal('bundle'),
  schema_version: z.literal('ctxlock.evidence_bundle@1'),
  run_id: Uuid,
  /** Every process that worked on the run recorded under an id of its own; the first is the run's. */
  recorded_as: z.array(Uuid).min(1),
  redaction: BundleRedaction,
  /** As `<origin>+<id>+<key>`. To believe it, compare it with one that came another way. */
  public_key: z.string().min(1).max(512),
  /** Of what looked for secrets in events when they were recorded, and in objects now. */
  redactor_version: Identifier,
  /** How many lines of each kind follow. */
  lines: z.strictObject({ checkpoint: Count, event: Count, object: Count, receipt: Count }),
  /** Objects and receipts that events name and the redaction leaves out. */
  left_out: z.strictObject({ objects: Count, receipts: Count }),
  notes: z.array(z.string().max(1024)).max(32),
})

/** A signed root the log had while the run was recorded or after, and the way from it to the last one. */
export const BundleCheckpoint = z.strictObject({
  kind: z.literal('checkpoint'),
  note: z.string().max(8192),
  consistency: ProofHashes,
})

const placed = { kind: z.literal('event'), seq: z.int().min(1), event_hash: Hash, inclusion: ProofHashes }

/** One event: its canonical text, what a redaction shows of it, or nothing but its hash. The proof holds for all three. */
export const BundleEvent = z.union([
  z.strictObject({ ...placed, event: z.string().max(65_536) }),
  z.strictObject({ ...placed, left_out: z.literal('names'), shown: z.record(z.string(), z.json()) }),
  z.strictObject({ ...placed, left_out: z.enum(['all', 'erased']) }),
])

const named = { kind: z.literal('object'), content_hash: Hash }

/** A stored object an event names: its bytes, or why they are not here. */
export const BundleObject = z.union([
  z.strictObject({ ...named, bytes: Base64 }),
  z.strictObject({ ...named, left_out: z.enum(['classified', 'secret', 'erased', 'missing', 'damaged']) }),
])

const answered = { kind: z.literal('receipt'), consent_receipt_id: Identifier }

/** A person's answer that a cloud call of the run relied on, with the plan that was shown. */
export const BundleReceipt = z.union([
  z.strictObject({ ...answered, receipt: ConsentReceipt, plan: ProjectionPlan }),
  z.strictObject({ ...answered, left_out: z.enum(['missing', 'damaged']) }),
])

/** A signed note over the number of lines before this one and the SHA-256 of their bytes. */
export const BundleSeal = z.strictObject({ kind: z.literal('seal'), note: z.string().max(8192) })

/** What is read of an order to erase, whole or without names. */
export const ErasedPart = z.object({
  events: z.array(z.object({ from: Count, to: Count })),
  runs: z.array(z.object({ workflow_run_id: z.string(), events: Count })),
})
export type ErasedPart = z.infer<typeof ErasedPart>

/** Lines of a bundle, in this order. */
export const BundleLine = z
  .union([BundleHead, BundleCheckpoint, BundleEvent, BundleObject, BundleReceipt, BundleSeal])
  .meta({ id: 'EvidenceBundleLine' })

export type BundleHead = z.infer<typeof BundleHead>
export type BundleCheckpoint = z.infer<typeof BundleCheckpoint>
export type BundleEvent = z.infer<typeof BundleEvent>
export type BundleObject = z.infer<typeof BundleObject>
export type BundleReceipt = z.infer<typeof BundleReceipt>
export type BundleSeal = z.infer<typeof BundleSeal>
export type BundleLine = z.infer<typeof BundleLine>

/** First line of the text that a seal signs. No checkpoint begins with it: those begin with the name of their log. */
export const SEAL_CONTEXT = 'ctxlock.evidence_bundle@1'
