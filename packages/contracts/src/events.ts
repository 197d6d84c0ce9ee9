// The events of the flight recorder: one closed schema for each (spec 09). An event keeps ids, hashes, counts and bounded
// summaries; there is no field a prompt, an answer or a file could go into (REC-010).
import type { JsonValue } from '@ctxlock/core-hash'
import { z } from 'zod'

import { closedCopy } from './events/closed-copy.ts'
import { CLOUD_EVENTS } from './events/cloud.ts'
import { CONTEXT_EVENTS } from './events/context.ts'
import { EDIT_EVENTS } from './events/edits.ts'
import { RECORDER_FIELDS } from './events/envelope.ts'
import { ERASURE_EVENTS } from './events/erasure.ts'
import { kindAt, type FieldKind } from './events/field-kind.ts'
import { findForbiddenKey } from './events/forbidden-keys.ts'
import { GOVERNANCE_EVENTS } from './events/governance.ts'
import { INFERENCE_EVENTS } from './events/inference.ts'
import { MICRO_TASK_EVENTS } from './events/micro-task.ts'
import { MODEL_SWAP_EVENTS } from './events/model-swap.ts'
import { findOpenFields, visitStrings } from './events/open-fields.ts'
import type { OpenField } from './events/open-fields.ts'
import { findRuleViolation } from './events/rules.ts'
import { RUNTIME_EVENTS } from './events/runtime.ts'
import { SECURITY_EVENTS } from './events/security.ts'
import { SESSION_EVENTS } from './events/session.ts'
import { withoutNames } from './events/without-names.ts'
import { Hash } from './primitives.ts'

export { resolveEventAlias } from './events/aliases.ts'
export { RECORDER_FIELDS } from './events/envelope.ts'
export { FORBIDDEN_KEYS } from './events/forbidden-keys.ts'
export type { FieldKind } from './events/field-kind.ts'

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

type WithoutRecorderFields<Event> = Event extends unknown ? Omit<Event, (typeof RECORDER_FIELDS)[number]> : never
/** What a caller hands to the recorder, which adds version, id, time and place in the chain. */
export type EventDraft = WithoutRecorderFields<FlightEvent>

/** Largest event, in bytes of canonical JSON (REC-012). */
export const MAX_EVENT_BYTES = 32_768

const TYPE_OF_ID = new Map<string, EventType>()
const OPTION_OF_TYPE = new Map<EventType, (typeof FlightEvent.options)[number]>()
for (const option of FlightEvent.options) {
  const { fr_event_id, type } = option.shape
  TYPE_OF_ID.set(fr_event_id.value, type.value)
  OPTION_OF_TYPE.set(type.value, option)
}

/** The catalogue: every pair an event may have. */
export const EVENT_CATALOGUE: readonly { readonly fr_event_id: string; readonly type: EventType }[] = [
  ...TYPE_OF_ID,
].map(([fr_event_id, type]) => ({ fr_event_id, type }))

export interface EventProblem {
  readonly reason: 'not_an_object' | 'unknown_id' | 'type_mismatch' | 'forbidden_key' | 'schema' | 'rule'
  /** JSON Pointer into the event, made of names of the schema only. */
  readonly pointer: string
  /** What would have been right. Never repeats a value, or a key, of the event. */
  readonly expected: string
}
export type EventCheck =
  | { readonly ok: true; readonly event: FlightEvent }
  | { readonly ok: false; readonly problem: EventProblem }

/** Checks one whole event against the schema of its pair, the forbidden keys and the rules between fields (REC-001..004, 011). */
export function checkEvent(value: unknown): EventCheck {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return failed('not_an_object', '', 'a JSON object')
  }
  const id: unknown = Reflect.get(value, 'fr_event_id')
  const type = typeof id === 'string' ? TYPE_OF_ID.get(id) : undefined
  if (type === undefined) return failed('unknown_id', '/fr_event_id', 'an id of the catalogue')
  if (Reflect.get(value, 'type') !== type) return failed('type_mismatch', '/type', `\`${type}\`, the type of this id`)

  const copy = copierOf(type)?.(value)
  return copy ? keepingRules(copy) : checkSchema(value)
}

function checkSchema(value: object): EventCheck {
  const parsed = FlightEvent.safeParse(value)
  if (parsed.success) return keepingRules(parsed.data)
  // No schema of the catalogue has a forbidden key (a test says so), so a value that has one always fails here.
  const forbidden = findForbiddenKey(value)
  if (forbidden !== undefined) return failed('forbidden_key', '', `no key \`${forbidden}\` at any depth`)
  const [issue] = parsed.error.issues
  return failed('schema', issue ? pointerOf(issue.path) : '', issue ? expectation(issue) : 'another shape')
}

function keepingRules(event: FlightEvent): EventCheck {
  const violation = findRuleViolation(event)
  return violation ? failed('rule', violation.pointer, violation.expected) : { ok: true, event }
}

const COPIERS = new Map<EventType, (value: unknown) => FlightEvent | undefined>()

/** Takes most events that are right several times faster than their schema, which judges the rest. */
function copierOf(type: EventType): ((value: unknown) => FlightEvent | undefined) | undefined {
  const option = OPTION_OF_TYPE.get(type)
  if (!COPIERS.has(type) && option) COPIERS.set(type, closedCopy(option))
  return COPIERS.get(type)
}

function failed(reason: EventProblem['reason'], pointer: string, expected: string): EventCheck {
  return { ok: false, problem: { reason, pointer, expected } }
}

/** The path of an issue names only what the schema knows: an unknown key is reported at its parent, without its name. */
function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((segment) => `/${String(segment)}`).join('')
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `no unknown key; ${issue.keys.length} found`
    case 'invalid_type':
      return issue.expected
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`
    case 'too_big':
      return `at most ${issue.maximum}`
    case 'too_small':
      return `at least ${issue.minimum}`
    case 'invalid_format':
      return `the form ${issue.pattern ?? issue.format}`
    default:
      return issue.code
  }
}

type TextKind = Exclude<OpenField['kind'], 'artifact'>

interface OpenFields {
  readonly texts: { readonly path: OpenField['path']; readonly kind: TextKind }[]
  /** The paths of content hashes. */
  readonly artifacts: OpenField['path'][]
}
const OPEN_FIELDS = new Map<EventType, OpenFields>()

/** The strings of one type of event that are not drawn from a closed set, found once from its schema. */
function openFieldsOf(type: EventType): OpenFields {
  const known = OPEN_FIELDS.get(type)
  if (known) return known
  const option = OPTION_OF_TYPE.get(type)
  const found: OpenFields = { texts: [], artifacts: [] }
  for (const { path, kind } of option ? findOpenFields(option) : []) {
    if (kind === 'artifact') found.artifacts.push(path)
    else found.texts.push({ path, kind })
  }
  OPEN_FIELDS.set(type, found)
  return found
}

/** Replaces every open string of an event by what `rewrite` returns, in place; the caller checks the event again (REC-012). */
export function rewriteOpenStrings(event: FlightEvent, rewrite: (text: string, kind: TextKind) => string): void {
  for (const { path, kind } of openFieldsOf(event.type).texts) {
    visitStrings(event, path, (text, replace) => {
      const rewritten = rewrite(text, kind)
      if (rewritten !== text) replace(rewritten)
    })
  }
}

/** The content hashes of the stored artifacts an event names, in the order of its fields. */
export function artifactReferences(event: FlightEvent): Hash[] {
  const hashes: Hash[] = []
  for (const path of openFieldsOf(event.type).artifacts) visitStrings(event, path, (hash) => hashes.push(hash))
  return hashes
}

/**
 * What can be shown of an event to somebody who is to learn no name, path or text: type, times, ids, counts and words of the
 * catalogue. Every other string is what `hide` makes of it. Salt and hashes of the chain are left out: with a salt, what is hidden
 * could be guessed and tried.
 */
export function eventWithoutNames(event: FlightEvent, hide: (text: string) => string): Record<string, JsonValue> {
  const option = OPTION_OF_TYPE.get(event.type)
  if (!option) throw new TypeError('an event is of a catalogued type')
  const { salt: _salt, seq: _seq, prev_hash: _previous, event_hash: _hash, ...told } = event
  const shown = withoutNames(option, told, hide)
  if (typeof shown !== 'object' || shown === null || Array.isArray(shown)) throw new TypeError('an event is an object')
  return shown
}

/** What the field of a type of event at a path such as `payload.model_id` can hold; undefined when there is no such field. */
export function fieldKind(type: EventType, path: string): FieldKind | undefined {
  const option = OPTION_OF_TYPE.get(type)
  return option && kindAt(option, path.split('.'))
}
