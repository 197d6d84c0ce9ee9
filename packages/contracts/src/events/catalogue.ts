import { z } from 'zod'

import { CLOUD_EVENTS } from './cloud.ts'
import { CONTEXT_EVENTS } from './context.ts'
import { EDIT_EVENTS } from './edits.ts'
import type { RECORDER_FIELDS } from './envelope.ts'
import { ERASURE_EVENTS } from './erasure.ts'
import { GOVERNANCE_EVENTS } from './governance.ts'
import { INFERENCE_EVENTS } from './inference.ts'
import { MICRO_TASK_EVENTS } from './micro-task.ts'
import { MODEL_SWAP_EVENTS } from './model-swap.ts'
import { RUNTIME_EVENTS } from './runtime.ts'
import { SECURITY_EVENTS } from './security.ts'
import { SESSION_EVENTS } from './session.ts'

/** One event as it is stored and read back. The pair (`fr_event_id`, `type`) names its schema (REC-004). */
export const FlightEvent = z
  .discriminatedUnion('type', [
    ...INFERENCE_EVENTS,
    ...SECURITY_EVENTS,
    ...MODEL_SWAP_EVENTS,
    ...CLOUD_EVENTS,
    ...GOVERNANCE_EVENTS,
    ...MICRO_TASK_EVENTS,
    ...SESSION_EVENTS,
    ...CONTEXT_EVENTS,
    ...RUNTIME_EVENTS,
    ...EDIT_EVENTS,
    ...ERASURE_EVENTS,
  ])
  .meta({ id: 'FlightEvent' })
export type FlightEvent = z.infer<typeof FlightEvent>
export type EventType = FlightEvent['type']
export type EventOf<Type extends EventType> = Extract<FlightEvent, { type: Type }>

type Without<Event, Field extends PropertyKey> = Event extends unknown ? Omit<Event, Field> : never
/** What a caller hands to the recorder, which adds version, id, time and place in the chain. */
export type EventDraft = Without<FlightEvent, (typeof RECORDER_FIELDS)[number]>
/** What is hashed: an event in its place, without its own hash. */
export type UnhashedEvent = Without<FlightEvent, 'event_hash'>

/** Largest event, in bytes of canonical JSON (REC-012). */
export const MAX_EVENT_BYTES = 32_768

type EventSchema = (typeof FlightEvent.options)[number]

const TYPE_OF_ID = new Map<string, EventType>()
const SCHEMA_OF_TYPE = new Map<unknown, EventSchema>()
for (const option of FlightEvent.options) {
  const { fr_event_id, type } = option.shape
  TYPE_OF_ID.set(fr_event_id.value, type.value)
  SCHEMA_OF_TYPE.set(type.value, option)
}

/** The catalogue: every pair an event may have. */
export const EVENT_CATALOGUE: readonly { readonly fr_event_id: string; readonly type: EventType }[] = [
  ...TYPE_OF_ID,
].map(([fr_event_id, type]) => ({ fr_event_id, type }))

/** The type that the catalogue pairs with an id; undefined for an id that is not in it. */
export function typeOfId(id: string): EventType | undefined {
  return TYPE_OF_ID.get(id)
}

/** Undefined for a type that is not in the catalogue, as that of an event nobody checked can be. */
export function schemaOfType(type: unknown): EventSchema | undefined {
  return SCHEMA_OF_TYPE.get(type)
}
