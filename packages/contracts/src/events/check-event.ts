import { CanonError, canonicalize } from '@ctxlock/core-hash'
import type { z } from 'zod'

import { FlightEvent, schemaOfType, typeOfId } from './catalogue.ts'
import type { UnhashedEvent } from './catalogue.ts'
import { closedCopy } from '../closed-copy.ts'
import { findForbiddenKey } from './forbidden-keys.ts'
import { findRuleViolation } from './rules.ts'

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
 * The same for an event that has no hash yet, several times faster for one that is right. What comes back can be written as it is:
 * its keys are in canonical order, its numbers rounded as canonical text rounds them, its strings have a UTF-8 form.
 */
export function checkUnhashed(value: object): UnhashedCheck {
  const copy = copyOf(value)
  if (copy) return keepingRules(copy)
  if (Object.hasOwn(value, 'event_hash')) return failed('schema', '/event_hash', 'absent')
  const check = checkEvent({ ...value, event_hash: ANY_HASH })
  return check.ok ? asWritten(check.event) : check
}

const ANY_HASH = '0'.repeat(64)

/** A right but unusual event, such as an instance of a class. */
function asWritten(event: FlightEvent): UnhashedCheck {
  const { event_hash: _, ...unhashed } = event
  try {
    const copy = copyOf(JSON.parse(canonicalize(unhashed)))
    return copy ? keepingRules(copy) : failed('schema', '', 'an event that fits when its strings are in NFC')
  } catch (error) {
    if (error instanceof CanonError) return failed('schema', error.path, `a value JSON can carry (${error.code})`)
    throw error
  }
}

function keepingRules<Event extends UnhashedEvent>(event: Event): Check<Event> {
  const violation = findRuleViolation(event)
  return violation ? failed('rule', violation.pointer, violation.expected) : { ok: true, event }
}

type Copier = (value: unknown) => UnhashedEvent | undefined
const COPIERS = new Map<unknown, Copier>()

function copyOf(value: object): UnhashedEvent | undefined {
  const type: unknown = Reflect.get(value, 'type')
  return (COPIERS.get(type) ?? makeCopier(type))?.(value)
}

function makeCopier(type: unknown): Copier | undefined {
  const schema = schemaOfType(type)
  const copier = schema && closedCopy(schema, 'event_hash')
  if (copier) COPIERS.set(type, copier)
  return copier
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
