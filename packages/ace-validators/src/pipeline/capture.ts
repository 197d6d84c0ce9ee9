import { types } from 'node:util'

import type { GuardPorts } from '@ctxlock/contracts/guards'
import { isSettled, settle } from '@ctxlock/core-hash'

import { ValidatorError } from '../validator-error.ts'

/** Deeper than any record of this project; a hostile object must not exhaust the stack. */
const DEEPEST = 128

/**
 * A frozen copy of plain data, made by one read of every property: accessors, proxies, class instances, symbols and
 * cycles are refused, so that nothing can show one thing to a guard and another to the model (VAL-007). What is frozen
 * through and through already is taken as it is. Byte arrays are copied. Strings stay as they are: canonical text would be NFC, and the raw text must be scanned. Throws
 * `INPUT_NOT_PLAIN`; the message names the place, never the value.
 */
export function capture<T>(value: T): T
export function capture(value: unknown): unknown {
  return copy(value, [])
}

/** The input of a hook, captured; `ports` are the host's own functions and stay what they are. */
export function captureInput<Input extends { readonly ports: GuardPorts }>(input: Input): Input
export function captureInput(input: { readonly ports: GuardPorts }): object {
  if (types.isProxy(input)) throw refused([], 'a proxy')
  const { ports, ...data } = Object.getOwnPropertyDescriptors(input)
  if (!('value' in ports)) throw refused(['ports'], 'an accessor')
  return Object.freeze({ ...capture(Object.create(null, data)), ports: Object.freeze({ ...input.ports }) })
}

/** Keys from the root to the value being copied; becomes text only in a message. */
type Trail = (string | number)[]

function copy(value: unknown, trail: Trail): unknown {
  switch (typeof value) {
    case 'object':
      return value === null ? null : copyObject(value, trail)
    case 'function':
    case 'symbol':
    case 'bigint':
      throw refused(trail, `a ${typeof value}`)
    default:
      return value
  }
}

function copyObject(value: object, trail: Trail): object {
  if (isSettled(value)) return value
  if (types.isProxy(value)) throw refused(trail, 'a proxy')
  if (trail.length === DEEPEST) throw refused(trail, 'a value nested too deeply or in a cycle')
  // Bytes cannot be frozen; they are copied every time.
  if (types.isUint8Array(value)) return Uint8Array.from(value)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return copyRecord(value, trail)
  if (prototype === Array.prototype && Array.isArray(value)) return copyArray(value, trail)
  throw refused(trail, 'a class instance')
}

function copyArray(value: readonly unknown[], trail: Trail): object {
  const result: unknown[] = []
  for (let index = 0; index < value.length; index += 1) result.push(copyMember(value, index, trail))
  // Extra properties of an array are not copied, so one that has any is not taken as it is.
  const whole = Reflect.ownKeys(value).length === value.length + 1
  return taken(value, result, whole && result.every((member, index) => member === value[index]))
}

function copyRecord(value: object, trail: Trail): object {
  const result: Record<string, unknown> = {}
  let same = true
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'symbol') throw refused(trail, 'a symbol key')
    const member = copyMember(value, key, trail)
    same &&= member === Reflect.get(value, key)
    // Assigning it would set the prototype: an attacker's JSON may hold this key.
    if (key === '__proto__') Object.defineProperty(result, key, { value: member, enumerable: true })
    else result[key] = member
  }
  return taken(value, result, same)
}

/** The original when it is frozen and holds the same, else the frozen copy. */
function taken(original: object, copied: object, same: boolean): object {
  return settle(same && Object.isFrozen(original) ? original : copied)
}

function copyMember(value: object, key: string | number, trail: Trail): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(value, key)
  trail.push(key)
  // A hole in an array has no descriptor.
  if (descriptor === undefined || !('value' in descriptor)) throw refused(trail, 'an accessor or a hole')
  const member = copy(descriptor.value, trail)
  trail.pop()
  return member
}

function refused(trail: Trail, found: string): ValidatorError {
  const place = trail.map((key) => `/${String(key).slice(0, 64)}`).join('')
  return new ValidatorError(
    'INPUT_NOT_PLAIN',
    `Guards take plain data; ${place === '' ? 'the input' : place.slice(0, 512)} holds ${found}. Pass a copy.`,
  )
}
