import { CanonError, jsonPointer, type CanonErrorCode } from './canon-error.ts'
import { isProxy } from './host.ts'
import { timeOfDate } from './timestamp.ts'

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue }

/** Containers nested deeper than this are refused, so hostile input cannot overflow the stack (CJ-010). */
export const MAX_DEPTH = 256

/** What a copy does with the leaves it may keep. */
export interface LeafRules {
  readonly numberProblem: (value: number) => CanonErrorCode | undefined
  readonly number: (value: number) => number
  /** Receives well-formed text only: surrogates are checked before any normalisation (CJ-019). */
  readonly text: (value: string) => string
  readonly acceptDates: boolean
}

/**
 * A deep copy that holds JSON data only, or a CanonError with the pointer of the first thing that is not (CJ-006, CJ-007).
 * Objects come back without a prototype, so `__proto__` is an ordinary key (CJ-009). Nothing of the input runs: properties
 * are read through their descriptors, and a Proxy, whose descriptors are user code too, is refused unread (CJ-004).
 */
export function cleanCopy(value: unknown, rules: LeafRules): JsonValue {
  return copyValue(value, { rules, keys: [], ancestors: [] })
}

interface Walk {
  readonly rules: LeafRules
  readonly keys: string[]
  readonly ancestors: object[]
}

function copyValue(value: unknown, walk: Walk): JsonValue {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      return copyText(value, walk)
    case 'number':
      return copyNumber(value, walk)
    case 'object':
      return value === null ? null : copyObject(value, walk)
    case 'undefined':
      throw refusal('CANON_UNDEFINED', walk)
    case 'bigint':
      throw refusal('CANON_BIGINT', walk)
    default:
      throw refusal('CANON_UNSUPPORTED_TYPE', walk)
  }
}

function copyText(text: string, walk: Walk): string {
  if (!text.isWellFormed()) throw refusal('CANON_LONE_SURROGATE', walk)
  return walk.rules.text(text)
}

function copyNumber(value: number, walk: Walk): number {
  const problem = walk.rules.numberProblem(value)
  if (problem !== undefined) throw refusal(problem, walk)
  return walk.rules.number(value)
}

function copyObject(value: object, walk: Walk): JsonValue {
  if (isProxy(value)) throw refusal('CANON_UNSUPPORTED_TYPE', walk)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (walk.rules.acceptDates && prototype === Date.prototype) return copyDate(value, walk)
  if (Array.isArray(value) && prototype === Array.prototype) return inside(value, walk, copyArray)
  if (!Array.isArray(value) && (prototype === Object.prototype || prototype === null))
    return inside(value, walk, copyRecord)
  throw refusal('CANON_UNSUPPORTED_TYPE', walk)
}

function copyDate(date: object, walk: Walk): string {
  const time = timeOfDate(date)
  // Own properties would be dropped: refused like any class instance.
  if (time === undefined || Reflect.ownKeys(date).length > 0) throw refusal('CANON_UNSUPPORTED_TYPE', walk)
  if (Number.isNaN(time)) throw refusal('CANON_INVALID_DATE', walk)
  const text = new Date(time).toISOString()
  if (text.length !== '0000-00-00T00:00:00.000Z'.length) throw refusal('CANON_INVALID_DATE', walk)
  return text
}

/** Only an object that is its own ancestor is a cycle; one reached twice by different paths is copied twice (CJ-008). */
function inside<T extends object>(container: T, walk: Walk, copy: (container: T, walk: Walk) => JsonValue): JsonValue {
  if (walk.ancestors.includes(container)) throw refusal('CANON_CYCLE', walk)
  if (walk.ancestors.length === MAX_DEPTH) throw refusal('CANON_DEPTH', walk)
  walk.ancestors.push(container)
  const result = copy(container, walk)
  walk.ancestors.pop()
  return result
}

function copyArray(array: readonly unknown[], walk: Walk): JsonValue[] {
  // Own keys are the indices in order, then `length`, then whatever an array of data must not have.
  const keys = Reflect.ownKeys(array)
  const result: JsonValue[] = []
  for (let index = 0; index < array.length; index++) {
    const key = String(index)
    if (keys[index] !== key) throw refusal('CANON_SPARSE_ARRAY', walk, key)
    result.push(copyMember(dataProperty(array, key, walk).value, key, walk))
  }
  const extra = keys[array.length + 1]
  if (typeof extra === 'symbol') throw refusal('CANON_SYMBOL_KEY', walk)
  if (extra !== undefined) throw refusal('CANON_SPARSE_ARRAY', walk, extra)
  return result
}

function copyRecord(record: object, walk: Walk): JsonValue {
  const result: Record<string, JsonValue> = Object.create(null)
  for (const key of Reflect.ownKeys(record)) {
    if (typeof key === 'symbol') throw refusal('CANON_SYMBOL_KEY', walk)
    const property = dataProperty(record, key, walk)
    if (!property.enumerable) continue
    if (!key.isWellFormed()) throw refusal('CANON_LONE_SURROGATE', walk, key)
    const name = walk.rules.text(key)
    if (Object.hasOwn(result, name)) throw refusal('CANON_KEY_COLLISION', walk, key)
    result[name] = copyMember(property.value, key, walk)
  }
  return result
}

function dataProperty(container: object, key: string, walk: Walk): { enumerable: boolean; value: unknown } {
  const descriptor = Object.getOwnPropertyDescriptor(container, key)
  if (descriptor === undefined || !Object.hasOwn(descriptor, 'value')) throw refusal('CANON_ACCESSOR', walk, key)
  return { enumerable: descriptor.enumerable === true, value: descriptor.value }
}

function copyMember(value: unknown, key: string, walk: Walk): JsonValue {
  walk.keys.push(key)
  const copy = copyValue(value, walk)
  walk.keys.pop()
  return copy
}

function refusal(code: CanonErrorCode, walk: Walk, key?: string): CanonError {
  return new CanonError(code, jsonPointer(key === undefined ? walk.keys : [...walk.keys, key]))
}
