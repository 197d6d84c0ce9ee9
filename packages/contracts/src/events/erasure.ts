import { z } from 'zod'

import { Hash, Timestamp, Uuid } from '../primitives.ts'
import { BY_SYSTEM, ENVELOPE, named } from './envelope.ts'
import { EventIdentifier, EventText, listOf } from './fields.ts'

const Position = z.int().min(1)

/**
 * Says what is to be erased, why and at whose order, before anything is: recorded and signed first, so that a text that is gone
 * without it was taken away. It holds no more than the positions and hashes that stay anyway.
 */
const ErasureOrdered = z.strictObject({
  ...ENVELOPE,
  ...named('FR-EVT-X-ERASE-001', 'erasure_ordered'),
  payload: z.strictObject({
    cause: z.enum(['person', 'retention']),
    reason: EventText,
    user_id: EventIdentifier.exactOptional(),
    /** For retention: what ended before this. */
    older_than: Timestamp.exactOptional(),
    /** Positions of events whose text and salt go, first and last; all of them before this event. */
    events: listOf(z.strictObject({ from: Position, to: Position })),
    /** How many of these events each run loses, because its end promises a number. */
    runs: listOf(z.strictObject({ workflow_run_id: EventIdentifier, events: Position })),
    /** Calls whose request and answer go. */
    calls: listOf(Uuid),
    /** Runs whose stored steps, replies and edits go. */
    run_ids: listOf(EventIdentifier),
    /** Stored objects that go, as events name them. */
    objects: listOf(Hash),
    /** Objects of the vault that go; hashes of ciphertexts. */
    vault_objects: listOf(Hash),
  }),
})

/** Old ranges of the log whose texts now stand in files; recorded and signed before the database lets go of them. */
const LogSealed = z.strictObject({
  ...ENVELOPE,
  ...BY_SYSTEM,
  ...named('FR-EVT-X-SEAL-001', 'log_sealed'),
  payload: z.strictObject({ segments: listOf(z.strictObject({ from: Position, to: Position })) }),
})

export const ERASURE_EVENTS = [ErasureOrdered, LogSealed] as const
