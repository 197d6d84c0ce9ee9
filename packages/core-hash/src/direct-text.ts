import { types } from 'node:util'
import { canonicalNumberText } from './canonical-number.ts'
import { MAX_DEPTH } from './clean-copy.ts'
import { keyPlan, opening } from './key-plan.ts'
import { isPlainString, mayChangeUnderNfc, needsEscape } from './plain-string.ts'

const { getOwnPropertyDescriptor, getOwnPropertyNames, getOwnPropertySymbols, getPrototypeOf } = Object
const { ownKeys } = Reflect
const { isProxy } = types
/** Tells a getter from data without calling it, at a quarter of the cost of a descriptor for array elements. */
const lookupGetter: (this: object, key: number) => unknown = Reflect.get(Object.prototype, '__lookupGetter__')

const UNSURE = new Error('The value needs the careful way.')
const ancestors: (object | undefined)[] = []

/**
 * Canonical text of a value in one pass, or undefined when anything about it is unusual: then the careful way, which
 * says exactly what is wrong, has to decide. Reads the input as carefully as cleanCopy does and may be removed without
 * any change but speed.
 */
export function directText(value: unknown): string | undefined {
  // A polluted Object.prototype would lend accessor descriptors a `value`.
  if ('value' in Object.prototype) return undefined
  try {
    return valueText(value, 0)
  } catch (error) {
    ancestors.fill(undefined)
    if (error === UNSURE) return undefined
    throw error
  }
}

function valueText(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return isPlainString(value) ? `"${value}"` : stringText(value)
    case 'number':
      return canonicalNumberText(value) ?? unsure()
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      return value === null ? 'null' : containerText(value, depth)
    default:
      return unsure()
  }
}

function stringText(value: string): string {
  if (!mayChangeUnderNfc(value)) return JSON.stringify(value)
  if (!value.isWellFormed()) return unsure()
  const normalized = value.normalize('NFC')
  return needsEscape(normalized) ? JSON.stringify(normalized) : `"${normalized}"`
}

function containerText(container: object, depth: number): string {
  // The Proxy check comes first: every later question would be answered by its traps.
  if (isProxy(container) || depth === MAX_DEPTH) return unsure()
  for (let level = 0; level < depth; level++) if (ancestors[level] === container) return unsure()
  ancestors[depth] = container
  const text = plainContainerText(container, depth + 1)
  ancestors[depth] = undefined
  return text
}

function plainContainerText(container: object, depth: number): string {
  const prototype: unknown = getPrototypeOf(container)
  if (prototype === Object.prototype || prototype === null) return recordText(container, depth)
  if (prototype === Array.prototype && Array.isArray(container)) return arrayText(container, depth)
  return unsure()
}

function recordText(record: object, depth: number): string {
  const names = getOwnPropertyNames(record)
  if (getOwnPropertySymbols(record).length > 0) return unsure()
  if (names.length === 0) return '{}'
  const plan = keyPlan(names) ?? unsure()
  const { order } = plan
  let text = ''
  let afterText = false
  for (let index = 0; index < order.length; index++) {
    const descriptor = getOwnPropertyDescriptor(record, order[index] ?? '')
    if (descriptor === undefined || descriptor.enumerable === false) return unsure()
    // An accessor has no value; undefined leads to the careful way too.
    const value: unknown = descriptor.value
    const isText = typeof value === 'string' && isPlainString(value)
    text += opening(plan, index, afterText, isText)
    text += isText ? value : valueText(value, depth)
    afterText = isText
  }
  return text + (afterText ? '"}' : '}')
}

function arrayText(array: readonly unknown[], depth: number): string {
  // Indices come first among own keys and `length` right after them: this proves there is no hole and nothing else.
  const keys = ownKeys(array)
  if (keys.length !== array.length + 1 || keys[array.length] !== 'length') return unsure()
  if (array.length === 0) return '[]'
  let text = '['
  let afterText = false
  for (let index = 0; index < array.length; index++) {
    if (lookupGetter.call(array, index) !== undefined) return unsure()
    // A setter without getter reads as undefined, which is refused.
    const value = array[index]
    const isText = typeof value === 'string' && isPlainString(value)
    text += index === 0 ? (isText ? '"' : '') : separator(afterText, isText)
    text += isText ? value : valueText(value, depth)
    afterText = isText
  }
  return text + (afterText ? '"]' : ']')
}

/** The comma between two elements, with the quotes that belong there. */
function separator(afterText: boolean, beforeText: boolean): string {
  return afterText ? (beforeText ? '","' : '",') : beforeText ? ',"' : ','
}

function unsure(): never {
  throw UNSURE
}
