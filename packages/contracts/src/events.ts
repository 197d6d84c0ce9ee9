// The events of the flight recorder: one closed schema for each (spec 09). An event keeps ids, hashes, counts and bounded
// summaries; there is no field a prompt, an answer or a file could go into (REC-010).
import type { JsonValue } from '@ctxlock/core-hash'

import { schemaOfType } from './events/catalogue.ts'
import type { EventType, FlightEvent, UnhashedEvent } from './events/catalogue.ts'
import { kindAt, type FieldKind } from './events/field-kind.ts'
import { findOpenFields, visitStrings } from './events/open-fields.ts'
import type { OpenField } from './events/open-fields.ts'
import { withoutNames } from './events/without-names.ts'
import type { Hash } from './primitives.ts'

export { resolveEventAlias } from './events/aliases.ts'
export { EVENT_CATALOGUE, FlightEvent, MAX_EVENT_BYTES } from './events/catalogue.ts'
export type { EventDraft, EventOf, EventType, UnhashedEvent } from './events/catalogue.ts'
export { checkEvent, checkUnhashed, writeDraft, writeUnhashed } from './events/check-event.ts'
export type { EventCheck, EventProblem, UnhashedCheck } from './events/check-event.ts'
export { RECORDER_FIELDS } from './events/envelope.ts'
export { FORBIDDEN_KEYS } from './events/forbidden-keys.ts'
export type { FieldKind } from './events/field-kind.ts'

type TextKind = Exclude<OpenField['kind'], 'artifact'>

interface OpenFields {
  readonly texts: OpenField<TextKind>[]
  /** Content hashes. */
  readonly artifacts: OpenField[]
}
const OPEN_FIELDS = new Map<EventType, OpenFields>()

/** The strings of one type of event that are not drawn from a closed set, found once from its schema. */
function openFieldsOf(type: EventType): OpenFields {
  const known = OPEN_FIELDS.get(type)
  if (known) return known
  const option = schemaOfType(type)
  const found: OpenFields = { texts: [], artifacts: [] }
  for (const { path, kind } of option ? findOpenFields(option) : []) {
    if (kind === 'artifact') found.artifacts.push({ path, kind })
    else found.texts.push({ path, kind })
  }
  OPEN_FIELDS.set(type, found)
  return found
}

/** Replaces every open string of an event by what `rewrite` returns, in place; the caller checks the event again (REC-012). */
export function rewriteOpenStrings(event: UnhashedEvent, rewrite: (text: string, kind: TextKind) => string): void {
  for (const field of openFieldsOf(event.type).texts) visitStrings(event, field, rewrite)
}

/** The content hashes of the stored artifacts an event names, in the order of its fields. */
export function artifactReferences(event: FlightEvent): Hash[] {
  const hashes: Hash[] = []
  const visit = (hash: string) => {
    hashes.push(hash)
    return hash
  }
  for (const field of openFieldsOf(event.type).artifacts) visitStrings(event, field, visit)
  return hashes
}

/**
 * What can be shown of an event to somebody who is to learn no name, path or text: type, times, ids, counts and words of the
 * catalogue. Every other string is what `hide` makes of it. Salt and hashes of the chain are left out: with a salt, what is hidden
 * could be guessed and tried.
 */
export function eventWithoutNames(event: FlightEvent, hide: (text: string) => string): Record<string, JsonValue> {
  const option = schemaOfType(event.type)
  if (!option) throw new TypeError('an event is of a catalogued type')
  const { salt: _salt, seq: _seq, prev_hash: _previous, event_hash: _hash, ...told } = event
  const shown = withoutNames(option, told, hide)
  if (typeof shown !== 'object' || shown === null || Array.isArray(shown)) throw new TypeError('an event is an object')
  return shown
}

/** What the field of a type of event at a path such as `payload.model_id` can hold; undefined when there is no such field. */
export function fieldKind(type: EventType, path: string): FieldKind | undefined {
  const option = schemaOfType(type)
  return option && kindAt(option, path.split('.'))
}
