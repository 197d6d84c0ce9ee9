// The limit of canonical text: every question about a value that must be asked before it is read (CJ-004 and the table of
// spec 01 section 2), each in the cheapest form the language has, and nothing written.
import { types } from 'node:util'

const { getOwnPropertyDescriptor, getOwnPropertyNames, getOwnPropertySymbols, getPrototypeOf } = Object
const { ownKeys } = Reflect
const lookupGetter: (this: object, key: number) => unknown = Reflect.get(Object.prototype, '__lookupGetter__')

/** Walks a value of plain objects and arrays and gives the number of its strings, numbers, booleans and nulls. */
export function askQuestions(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  if (types.isProxy(value)) throw new Error('Expected no Proxy.')
  const prototype: unknown = getPrototypeOf(value)
  if (prototype === Array.prototype && Array.isArray(value)) return askAboutElements(value)
  if (prototype === Object.prototype) return askAboutMembers(value)
  throw new Error('Expected plain objects and arrays.')
}

function askAboutMembers(record: object): number {
  const names = getOwnPropertyNames(record)
  if (getOwnPropertySymbols(record).length > 0) throw new Error('Expected no symbol key.')
  let leaves = 0
  for (let index = 0; index < names.length; index++) {
    const descriptor = getOwnPropertyDescriptor(record, names[index] ?? '')
    if (descriptor?.enumerable !== true) throw new Error('Expected enumerable members.')
    leaves += askQuestions(descriptor.value)
  }
  return leaves
}

function askAboutElements(array: readonly unknown[]): number {
  const keys = ownKeys(array)
  if (keys.length !== array.length + 1 || keys[array.length] !== 'length') throw new Error('Expected no hole.')
  let leaves = 0
  for (let index = 0; index < array.length; index++) {
    if (lookupGetter.call(array, index) !== undefined) throw new Error('Expected no getter.')
    leaves += askQuestions(array[index])
  }
  return leaves
}
