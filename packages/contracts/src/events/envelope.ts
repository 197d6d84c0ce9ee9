import { z } from 'zod'

import { Hash, Timestamp, Uuid } from '../primitives.ts'
import { EventIdentifier, Salt, listOf } from './fields.ts'

/** Fields the recorder sets; a draft that carries one of them is refused. */
export const RECORDER_FIELDS = [
  'schema_version',
  'event_id',
  'timestamp',
  'salt',
  'seq',
  'prev_hash',
  'event_hash',
] as const

/** The envelope every event has (spec 09 section 2). A family makes optional fields of it required where its events need them. */
export const ENVELOPE = {
  schema_version: z.literal('hsk.fr_event@1'),
  event_id: Uuid,
  timestamp: Timestamp,
  actor: z.enum(['human', 'agent', 'system']),
  trace_id: Uuid,
  job_id: EventIdentifier.exactOptional(),
  workflow_run_id: EventIdentifier.exactOptional(),
  step_id: EventIdentifier.exactOptional(),
  model_id: EventIdentifier.exactOptional(),
  model_session_id: EventIdentifier.exactOptional(),
  wp_id: EventIdentifier.exactOptional(),
  mt_id: EventIdentifier.exactOptional(),
  iteration: z.int().min(1).exactOptional(),
  activity_span_id: EventIdentifier.exactOptional(),
  session_span_id: EventIdentifier.exactOptional(),
  wsids: listOf(EventIdentifier).exactOptional(),
  capability_id: EventIdentifier.exactOptional(),
  policy_decision_id: EventIdentifier.exactOptional(),
  /** Whoever has the hash of an event, and not its text, cannot find the text by guessing (decisions/0041). */
  salt: Salt,
  /** Position in the log, from 1. */
  seq: z.int().min(1),
  /** Hash of the event before this one; 64 zeros for the first (REC-008). */
  prev_hash: Hash,
  /** Canonical hash of the event without this field. */
  event_hash: Hash,
}

/** The pair that names an event (REC-004). */
export function named<const Id extends string, const Type extends string>(id: Id, type: Type) {
  return { fr_event_id: z.literal(id), type: z.literal(type) }
}

export const BY_SYSTEM = { actor: z.literal('system') }
export const BY_HUMAN = { actor: z.literal('human') }
