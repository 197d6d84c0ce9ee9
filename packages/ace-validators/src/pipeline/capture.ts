import { types } from 'node:util'

import type { GuardPorts } from '@ctxlock/contracts/guards'

import { ValidatorError } from '../validator-error.ts'

/** Deeper than any record of this project; a hostile object must not exhaust the stack. */
const DEEPEST = 128

/**
 * A frozen copy of plain data, made by one read of every property: accessors, proxies, class instances, symbols and
 * cycles are refused, so that nothing can show one thing to a guard and another to the model (VAL-007). Byte arrays are
 * copied. Strings stay as they are: canonical text would be NFC, and the raw text must be scanned. Throws
 * `INPUT_NOT_PLAIN`; the message names the place, never the value.
 */
export function capture<T>(value: T): T
export function capture(value: unknown): unknown {
  return copy(value, '', 0)
}

/** The input of a hook, captured; `ports` are the host's own functions and stay what they are. */
export function captureInput<Input extends { readonly ports: GuardPorts }>(input: Input): Input
export function captureInput(input: { readonly ports: GuardPorts }): object {
  if (types.isProxy(input)) throw refused('', 'a proxy')
  const { ports, ...data } = Object.getOwnPropertyDescriptors(input)
  if (!('value' in ports)) throw refused('/ports', 'an accessor')
  return Object.freeze({ ...capture(Object.create(null, data)), ports: Object.freeze({ ...input.ports }) })
}

function copy(value: unknown, path: string, depth: number): unknown {
  if (value === null || typeof value !== 'object') {
    if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') {
      throw refused(path, `a ${typeof value}`)
    }
    return value
  }
  if (types.isProxy(value)) throw refused(path, 'a proxy')
  if (depth === DEEPEST) throw refused(path, 'a value nested too deeply or in a cycle')
  if (types.isUint8Array(value)) return Uint8Array.from(value)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (Array.isArray(value)) {
    if (prototype !== Array.prototype) throw refused(path, 'an array with a foreign prototype')
    return Object.freeze(copyArray(value, path, depth))
  }
  if (prototype !== Object.prototype && prototype !== null) throw refused(path, 'a class instance')
  return Object.freeze(copyObject(value, path, depth))
}

function copyArray(value: readonly unknown[], path: string, depth: number): unknown[] {
  const keys = Reflect.ownKeys(value)
  // One key for each element and `length`: holes and extra properties do not fit.
  if (keys.length !== value.length + 1) throw refused(path, 'an array with holes or extra properties')
  return Array.from({ length: value.length }, (_, index) =>
    copy(own(value, String(index), path), `${path}/${index}`, depth + 1),
  )
}

function copyObject(value: object, path: string, depth: number): object {
  // Without a prototype a key such as `__proto__` is data like any other.
  const result: Record<string, unknown> = Object.create(null)
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'symbol') throw refused(path, 'a symbol key')
    const place = `${path}/${key.length > 64 ? '…' : key}`
    result[key] = copy(own(value, key, place), place, depth + 1)
  }
  return result
}

function own(value: object, key: string, path: string): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(value, key)
  if (descriptor === undefined || !('value' in descriptor)) throw refused(path, 'an accessor')
  return descriptor.value
}

function refused(path: string, found: string): ValidatorError {
  return new ValidatorError(
    'INPUT_NOT_PLAIN',
    `Guards take plain data; ${path === '' ? 'the input' : path} holds ${found}. Pass a copy.`,
  )
}
