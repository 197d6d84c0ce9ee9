import { z } from 'zod'

import { Classification, Hash, Identifier, Timestamp, Uuid } from './primitives.ts'
import { ArtifactHandle, SourceRef } from './references.ts'

/** `LAW:<id>` or `RID:<id>`, an entry of the rule registry (VAL-022). */
export const RuleAnchor = z
  .string()
  .regex(/^(?:LAW|RID):[A-Z0-9][A-Z0-9._-]{0,63}$/)
  .meta({ id: 'RuleAnchor' })
export type RuleAnchor = z.infer<typeof RuleAnchor>

const Text = z.string().min(1).max(4096)
const sourced = { source_refs: z.array(SourceRef).min(1) }

/** The closed compaction schemas of spec 04 section 12; every compact item is reversible through its references. */
export const CompactionItem = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('decision'),
      claim: Text,
      rationale: Text,
      evidence_refs: z.array(SourceRef).min(1),
      ...sourced,
    }),
    z.strictObject({
      type: z.literal('constraint'),
      must: z.array(Text),
      must_not: z.array(Text),
      scope_refs: z.array(SourceRef),
      anchor_refs: z.array(RuleAnchor).min(1),
      ...sourced,
    }),
    z.strictObject({ type: z.literal('open_loop'), question: Text, needed_info: Text, next_action: Text, ...sourced }),
    z.strictObject({
      type: z.literal('progress'),
      done: z.array(Text),
      next: z.array(Text),
      blockers: z.array(Text),
      ...sourced,
    }),
    z.strictObject({
      type: z.literal('tool_result'),
      tool_id: Identifier,
      artifact_handles: z.array(ArtifactHandle),
      summary: Text,
      errors: z.array(Text),
      ...sourced,
    }),
    z.strictObject({
      type: z.literal('error'),
      stage: Text,
      message: Text,
      impact: Text,
      mitigation: Text,
      ...sourced,
    }),
  ])
  .meta({ id: 'CompactionItem' })
export type CompactionItem = z.infer<typeof CompactionItem>

export const MemoryItem = z
  .strictObject({
    memory_id: Uuid,
    memory_class: z.enum(['working', 'episodic', 'semantic', 'procedural']),
    type: z.enum([
      'fact',
      'constraint',
      'heuristic',
      'preference',
      'glossary',
      'failure_pattern',
      'intent',
      'risk',
      'relationship_note',
      'tool_protocol',
      'tool_failstate',
    ]),
    content: Text,
    confidence: z.number().min(0).max(1),
    trust_level: z.enum(['local_authoritative', 'user_asserted', 'derived_unverified', 'external_import', 'unknown']),
    provenance: z.strictObject({ source_refs: z.array(SourceRef).min(1), created_by_job_id: Identifier }),
    classification: Classification,
    status: z.enum(['active', 'superseded', 'invalidated', 'archived']),
    version: z.int().min(1),
    scope_refs: z.array(SourceRef),
    valid_from: Timestamp.exactOptional(),
    valid_to: Timestamp.exactOptional(),
    last_verified_at: Timestamp.exactOptional(),
  })
  .meta({ id: 'MemoryItem' })
export type MemoryItem = z.infer<typeof MemoryItem>

/** The verdict a promotion needs; bound to the job and to the item's canonical hash (VAL-025, VAL-026). */
export const PromotionValidation = z
  .strictObject({
    job_id: Identifier,
    item_hash: Hash,
    result: z.enum(['Pass', 'Fail']),
    validator: Identifier,
    completed_at: Timestamp,
  })
  .meta({ id: 'PromotionValidation' })
export type PromotionValidation = z.infer<typeof PromotionValidation>
