import { MAX_DEPTH } from './clean-copy.ts'
import { isProxy } from './host.ts'
import { Mark } from './mark.ts'

const { freeze, getOwnPropertyNames, getOwnPropertySymbols, getPrototypeOf, keys } = Object
/** Tells a getter from data without calling it, and without making a descriptor of every member. */
const lookupGetter: (this: object, key: string) => unknown = Reflect.get(Object.prototype, '__lookupGetter__')

/**
 * Freezes plain data through and through, in place, and returns it. What follows from it, such as its canonical text and hash,
 * is worked out once from now on, since it can never change. Bytes, class instances, accessors and proxies may: what holds one
 * is frozen all the same, but nothing about it is remembered.
 */
export function settle<Value>(value: Value): Value {
  settleValue(value, 0)
  return value
}

/** True when the value can never change: a leaf, or what `settle` found to be plain data throughout. */
export function isSettled(value: unknown): boolean {
  return typeof value !== 'object' || value === null || Mark.isOn(value)
}

/** `compute`, asked once for each settled object and anew each time for everything else. What throws is not remembered. */
export function oncePerSettled<Value, Result>(compute: (value: Value) => Result): (value: Value) => Result {
  const made = new WeakMap<object, { readonly result: Result }>()
  return (value) => {
    if (typeof value !== 'object' || value === null || !Mark.isOn(value)) return compute(value)
    const known = made.get(value)
    if (known) return known.result
    const result = compute(value)
    made.set(value, { result })
    return result
  }
}

function settleValue(value: unknown, depth: number): boolean {
  if (typeof value === 'function') return false
  if (typeof value !== 'object' || value === null) return true
  return Mark.isOn(value) || settleContainer(value, depth)
}

/** A cycle ends at the depth that no canonical text goes beyond either. */
function settleContainer(container: object, depth: number): boolean {
  if (depth === MAX_DEPTH || !isPlain(container)) return false
  const names = getOwnPropertyNames(container)
  let isWhole = getOwnPropertySymbols(container).length === 0 && holdsMembersOnly(container, names)
  for (const name of names) {
    // A setter without a getter reads as undefined for ever.
    const isData = lookupGetter.call(container, name) === undefined
    if (!isData || !settleValue(Reflect.get(container, name), depth + 1)) isWhole = false
  }
  // In this order: nothing can be added to what is frozen, a mark included.
  if (isWhole) Mark.put(container)
  freeze(container)
  return isWhole
}

/** Of a list its elements, without a hole: indices come first among own names, and `length` right after them. Of a record what is enumerable. */
function holdsMembersOnly(container: object, names: readonly string[]): boolean {
  if (!Array.isArray(container)) return keys(container).length === names.length
  return names.length === container.length + 1 && names[container.length] === 'length'
}

function isPlain(container: object): boolean {
  // A proxy answers every later question by its traps, and freezing it would run one.
  if (isProxy(container)) return false
  const prototype: unknown = getPrototypeOf(container)
  return Array.isArray(container) ? prototype === Array.prototype : prototype === Object.prototype || prototype === null
}
