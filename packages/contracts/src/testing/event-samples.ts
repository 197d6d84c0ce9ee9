// A fitting sample of every catalogued event, made from the published schema of FlightEvent.
import { z } from 'zod'

import { FlightEvent, RECORDER_FIELDS } from '../events.ts'
import type { EventDraft } from '../events.ts'
import { resolve, sampleOf } from './json-schema-samples.ts'
import type { Fullness, Json, JsonSchema } from './json-schema-samples.ts'

const ROOT: JsonSchema = JSON.parse(JSON.stringify(z.toJSONSchema(FlightEvent)))
const OPTIONS: readonly JsonSchema[] = resolve(ROOT.$ref ?? '#', ROOT).oneOf ?? []

export interface EventSample {
  readonly type: string
  readonly fullness: Fullness
  /** The whole event, as it would be stored. */
  readonly event: { [key: string]: Json }
  /** The published schema of this event alone. */
  readonly schema: JsonSchema
  /** The part of it a caller hands to the recorder. */
  readonly draft: { [key: string]: Json }
}

let made: readonly EventSample[] | undefined

/** Two samples an event: with required fields only, and with all. */
export function eventSamples(): readonly EventSample[] {
  made ??= makeSamples()
  return made
}

function makeSamples(): EventSample[] {
  return OPTIONS.flatMap((option) =>
    (['smallest', 'full'] as const).map((fullness) => {
      const event = keepRules(sampleOf(option, ROOT, fullness))
      const draft = Object.fromEntries(Object.entries(event).filter(([key]) => !isRecorderField(key)))
      const schema = { ...option, ...(ROOT.$defs ? { $defs: ROOT.$defs } : {}) }
      return { type: typeof event.type === 'string' ? event.type : '', fullness, event, schema, draft }
    }),
  )
}

/** The smallest draft of one type, typed as the caller would have written it. */
export function draftOf<Type extends EventDraft['type']>(type: Type): Extract<EventDraft, { type: Type }> {
  const sample = eventSamples().find((candidate) => candidate.type === type && candidate.fullness === 'smallest')
  if (!sample) throw new Error(`No sample of ${type}`)
  const {
    event_id: _1,
    timestamp: _2,
    schema_version: _3,
    seq: _4,
    prev_hash: _5,
    event_hash: _6,
    salt: _7,
    ...draft
  } = FlightEvent.parse(sample.event)
  return narrow(draft, type)
}

function narrow<Type extends EventDraft['type']>(draft: EventDraft, type: Type): Extract<EventDraft, { type: Type }> {
  const isType = (candidate: EventDraft): candidate is Extract<EventDraft, { type: Type }> => candidate.type === type
  if (!isType(draft)) throw new Error(`Expected a draft of ${type}`)
  return draft
}

/** True for what the recorder adds to a draft. */
export function isRecorderField(key: string): boolean {
  return RECORDER_FIELDS.some((field) => field === key)
}

/** The rules between fields are not in the schema; a violation of kind `prompt_injection` is the one that needs help. */
function keepRules(sample: Json): { [key: string]: Json } {
  if (typeof sample !== 'object' || sample === null || Array.isArray(sample)) throw new Error('Expected an object')
  if (sample.type === 'security_violation' && typeof sample.payload === 'object' && !Array.isArray(sample.payload)) {
    return { ...sample, payload: { ...withoutMatches(sample.payload), violation_type: 'cloud_leakage' } }
  }
  return sample
}

function withoutMatches(payload: { [key: string]: Json } | null): { [key: string]: Json } {
  const { matches: _, ...rest } = payload ?? {}
  return rest
}
