import { CanonError, canonicalize } from '@ctxlock/core-hash'
import type { Utf8Buffer } from '@ctxlock/core-hash/text-writer'
import type { z } from 'zod'

import { FlightEvent, schemaOfType, typeOfId } from './catalogue.ts'
import type { EventDraft, UnhashedEvent } from './catalogue.ts'
import { closedWriter } from '../closed-writer.ts'
import type { ClosedWriter, IsClean, WriteAdded } from '../closed-writer.ts'
import { RECORDER_FIELDS } from './envelope.ts'
import { findForbiddenKey } from './forbidden-keys.ts'
import { findRuleViolation, hasRules } from './rules.ts'

export interface EventProblem {
  readonly reason: 'not_an_object' | 'unknown_id' | 'type_mismatch' | 'forbidden_key' | 'schema' | 'rule'
  /** JSON Pointer into the event, made of names of the schema only. */
  readonly pointer: string
  /** What would have been right. Never repeats a value, or a key, of the event. */
  readonly expected: string
}
type Check<Event> =
  | { readonly ok: true; readonly event: Event }
  | { readonly ok: false; readonly problem: EventProblem }
export type EventCheck = Check<FlightEvent>
export type UnhashedCheck = Check<UnhashedEvent>

/** Checks one whole event against the schema of its pair, the forbidden keys and the rules between fields (REC-001..004, 011). */
export function checkEvent(value: unknown): EventCheck {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return failed('not_an_object', '', 'a JSON object')
  }
  const id: unknown = Reflect.get(value, 'fr_event_id')
  const type = typeof id === 'string' ? typeOfId(id) : undefined
  if (type === undefined) return failed('unknown_id', '/fr_event_id', 'an id of the catalogue')
  if (Reflect.get(value, 'type') !== type) return failed('type_mismatch', '/type', `\`${type}\`, the type of this id`)

  const parsed = FlightEvent.safeParse(value)
  if (parsed.success) return keepingRules(parsed.data)
  // No schema of the catalogue has a forbidden key (a test says so), so a value that has one always fails here.
  const forbidden = findForbiddenKey(value)
  if (forbidden !== undefined) return failed('forbidden_key', '', `no key \`${forbidden}\` at any depth`)
  const [issue] = parsed.error.issues
  return failed('schema', issue ? pointerOf(issue.path) : '', issue ? expectation(issue) : 'another shape')
}

/**
 * The same for an event that has no hash yet. What comes back is what its canonical text says, so that the text of an event that was
 * taken is taken as well.
 */
export function checkUnhashed(value: object): UnhashedCheck {
  if (Object.hasOwn(value, 'event_hash')) return failed('schema', '/event_hash', 'absent')
  const check = checkEvent({ ...value, event_hash: ANY_HASH })
  return check.ok ? asWritten(check.event) : check
}

/**
 * Checks an event that has no hash yet and writes its canonical text, many times faster than one after the other. False when the event
 * is wrong or unusual, or `isClean` refuses one of its open strings: then nothing is written, and `checkUnhashed` has to judge.
 * `mark` of the buffer tells where the digits of `prev_hash` begin.
 */
export function writeUnhashed(out: Utf8Buffer, value: object, isClean: IsClean): value is UnhashedEvent {
  return writeEvent(writerOfWhole, out, value, isClean)
}

/**
 * The same for a draft: `writeOwn` writes the recorder's fields in their places, so that nothing has to be made of both. False for a
 * draft that has one of them as well.
 */
export function writeDraft(
  out: Utf8Buffer,
  draft: object,
  isClean: IsClean,
  writeOwn: WriteAdded,
): draft is EventDraft {
  return writeEvent(writerOfDraft, out, draft, isClean, writeOwn)
}

function writeEvent(
  writerOf: typeof writerOfWhole,
  out: Utf8Buffer,
  value: object,
  isClean: IsClean,
  writeOwn?: WriteAdded,
): boolean {
  const start = out.length
  const ofType = writerOf(Reflect.get(value, 'type'))
  const isWritten = ofType?.write(out, value, isClean, writeOwn) === true
  if (isWritten && (!ofType.hasRules || keepsRules(out.textBetween(start, out.length)))) return true
  out.length = start
  return false
}

const ANY_HASH = '0'.repeat(64)

function asWritten(taken: FlightEvent): UnhashedCheck {
  const { event_hash: _, ...unhashed } = taken
  try {
    const check = checkEvent({ ...JSON.parse(canonicalize(unhashed)), event_hash: ANY_HASH })
    if (!check.ok) return failed('schema', '', 'an event that fits when its strings are in NFC')
    const { event_hash: _hash, ...event } = check.event
    return { ok: true, event }
  } catch (error) {
    if (error instanceof CanonError) return failed('schema', error.path, `a value JSON can carry (${error.code})`)
    throw error
  }
}

function keepingRules(event: FlightEvent): EventCheck {
  const violation = findRuleViolation(event)
  return violation ? failed('rule', violation.pointer, violation.expected) : { ok: true, event }
}

/** What was written is looked at, not the event, which may say something else when it is read again. */
function keepsRules(text: string): boolean {
  return findRuleViolation(JSON.parse(text)) === undefined
}

const HASH_FIELD = 'event_hash'
const OWN_FIELDS: ReadonlySet<string> = new Set(RECORDER_FIELDS.filter((name) => name !== HASH_FIELD))

const writerOfWhole = writersByType({ without: HASH_FIELD, marked: 'prev_hash' })
const writerOfDraft = writersByType({ without: HASH_FIELD, marked: 'prev_hash', added: OWN_FIELDS })

interface TypeWriter {
  readonly write: ClosedWriter
  readonly hasRules: boolean
}

function writersByType(special: Parameters<typeof closedWriter>[1]): (type: unknown) => TypeWriter | undefined {
  const writers = new Map<unknown, TypeWriter>()
  return (type) => {
    const known = writers.get(type)
    const schema = known ? undefined : schemaOfType(type)
    if (!schema) return known
    const writer = { write: closedWriter(schema, special), hasRules: hasRules(type) }
    writers.set(type, writer)
    return writer
  }
}

function failed(reason: EventProblem['reason'], pointer: string, expected: string): Check<never> {
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
