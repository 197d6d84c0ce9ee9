import { MAX_DEPTH } from './clean-copy.ts'
import { isProxy } from './host.ts'

/** Records and lists of plain data that are frozen with everything in them. Only `settle` adds to it. */
const settled = new WeakSet<object>()

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
  return typeof value !== 'object' || value === null || settled.has(value)
}

/** `compute`, asked once for each settled object and anew each time for everything else. What throws is not remembered. */
export function oncePerSettled<Value, Result>(compute: (value: Value) => Result): (value: Value) => Result {
  const made = new WeakMap<object, { readonly result: Result }>()
  return (value) => {
    if (typeof value !== 'object' || value === null || !settled.has(value)) return compute(value)
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
  return settled.has(value) || settleContainer(value, depth)
}

/** A cycle ends at the depth that no canonical text goes beyond either. */
function settleContainer(container: object, depth: number): boolean {
  if (depth === MAX_DEPTH || !isPlain(container)) return false
  Object.freeze(container)
  const keys = Reflect.ownKeys(container)
  let isWhole = !Array.isArray(container) || keys.length === container.length + 1
  for (const key of keys) {
    const member = Object.getOwnPropertyDescriptor(container, key)
    const isData = typeof key === 'string' && member !== undefined && 'value' in member
    if (!isData || !settleValue(member.value, depth + 1)) isWhole = false
  }
  if (isWhole) settled.add(container)
  return isWhole
}

function isPlain(container: object): boolean {
  // A proxy answers every later question by its traps, and freezing it would run one.
  if (isProxy(container)) return false
  const prototype: unknown = Object.getPrototypeOf(container)
  return Array.isArray(container) ? prototype === Array.prototype : prototype === Object.prototype || prototype === null
}
