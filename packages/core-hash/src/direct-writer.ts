import { MAX_DEPTH } from './clean-copy.ts'
import { isProxy } from './host.ts'
import { keyPlan, type PlannedMember } from './key-plan.ts'
import { Mark } from './mark.ts'
import { writeNumber } from './number-writer.ts'
import { writeString } from './string-writer.ts'
import { Utf8Buffer } from './utf8-buffer.ts'

const { getOwnPropertyDescriptor, getOwnPropertyNames, getOwnPropertySymbols, getPrototypeOf, keys } = Object
const { ownKeys } = Reflect
/** Tells a getter from data without calling it, at a quarter of the cost of a descriptor for array elements. */
const lookupGetter: (this: object, key: number) => unknown = Reflect.get(Object.prototype, '__lookupGetter__')

const COMMA = 0x2c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const CLOSE_BRACE = 0x7d

/** Bytes of a text that is kept. */
const SHORTEST_KEPT = 256
const LONGEST_KEPT = 1 << 14

const UNSURE = new Error('The value needs the careful way.')
const out = new Utf8Buffer()
const ancestors: (object | undefined)[] = []

/**
 * Writes the canonical UTF-8 of a value in one pass and gives what `finish` makes of it, or undefined when anything about
 * the value is unusual: then the careful way, which says exactly what is wrong, has to decide. Reads the input as carefully
 * as cleanCopy does; without this file everything works as before, only slower.
 */
export function writeDirectly<T>(value: unknown, finish: (text: Utf8Buffer) => T): T | undefined {
  // A polluted Object.prototype would lend accessor descriptors a `value`.
  if ('value' in Object.prototype) return undefined
  try {
    writeValue(value, 0)
    return finish(out)
  } catch (error) {
    ancestors.fill(undefined)
    if (error === UNSURE) return undefined
    throw error
  } finally {
    out.clear()
  }
}

function writeValue(value: unknown, depth: number): void {
  if (typeof value === 'string') {
    if (!writeString(out, value)) throw UNSURE
  } else if (typeof value === 'number') {
    if (!writeNumber(out, value)) throw UNSURE
  } else if (value === null) {
    out.ascii('null')
  } else if (typeof value === 'object') {
    writeContainer(value, depth)
  } else if (typeof value === 'boolean') {
    out.ascii(value ? 'true' : 'false')
  } else {
    throw UNSURE
  }
}

function writeContainer(container: object, depth: number): void {
  if (depth === MAX_DEPTH) throw UNSURE
  if (Mark.isInside(container)) return writeSettled(container, depth + 1)
  // The Proxy check comes first: every later question would be answered by its traps.
  if (isProxy(container)) throw UNSURE
  for (let level = 0; level < depth; level++) if (ancestors[level] === container) throw UNSURE
  ancestors[depth] = container
  const prototype: unknown = getPrototypeOf(container)
  if (prototype === Object.prototype || prototype === null) writeRecord(container, depth + 1)
  else if (prototype === Array.prototype && Array.isArray(container)) writeArray(container, depth + 1)
  else throw UNSURE
  ancestors[depth] = undefined
}

/**
 * What `settle` has looked through needs no second look: plain data without cycles, read as it is. Its text is kept for the next record
 * that holds it, unless it is so short that writing it is as quick, or so long that keeping it for every level it stands in is too much.
 */
function writeSettled(container: object, depth: number): void {
  const known = Mark.textOf(container)
  if (known !== undefined && depth <= known.depth) return out.append(known.utf8)
  const start = out.length
  if (Array.isArray(container)) writeSettledArray(container, depth)
  else writeSettledRecord(container, depth)
  const length = out.length - start
  if (length >= SHORTEST_KEPT && length <= LONGEST_KEPT) Mark.keepText(container, { utf8: out.since(start), depth })
}

function writeSettledRecord(container: object, depth: number): void {
  const names = keys(container)
  if (names.length === 0) return out.ascii('{}')
  const plan = keyPlan(names)
  if (plan === undefined) throw UNSURE
  for (const member of plan.members) {
    out.fixed(member.label)
    writeValue(Reflect.get(container, member.name), depth)
  }
  out.byte(CLOSE_BRACE)
}

function writeSettledArray(array: readonly unknown[], depth: number): void {
  out.byte(OPEN_BRACKET)
  for (let index = 0; index < array.length; index++) {
    if (index > 0) out.byte(COMMA)
    writeValue(array[index], depth)
  }
  out.byte(CLOSE_BRACKET)
}

function writeRecord(record: object, depth: number): void {
  const names = getOwnPropertyNames(record)
  if (getOwnPropertySymbols(record).length > 0) throw UNSURE
  if (names.length === 0) return out.ascii('{}')
  const plan = keyPlan(names)
  if (plan === undefined) throw UNSURE
  const { members } = plan
  for (let index = 0; index < members.length; index++) writeMember(record, members[index], depth)
  out.byte(CLOSE_BRACE)
}

function writeMember(record: object, member: PlannedMember | undefined, depth: number): void {
  if (member === undefined) throw UNSURE
  const descriptor = getOwnPropertyDescriptor(record, member.name)
  if (descriptor === undefined || descriptor.enumerable === false) throw UNSURE
  out.fixed(member.label)
  // An accessor has no value: undefined leads to the careful way.
  writeValue(descriptor.value, depth)
}

function writeArray(array: readonly unknown[], depth: number): void {
  // Indices come first among own keys and `length` right after them: this proves there is no hole and nothing else.
  const own = ownKeys(array)
  if (own.length !== array.length + 1 || own[array.length] !== 'length') throw UNSURE
  out.byte(OPEN_BRACKET)
  for (let index = 0; index < array.length; index++) {
    if (lookupGetter.call(array, index) !== undefined) throw UNSURE
    if (index > 0) out.byte(COMMA)
    // A setter without getter reads as undefined, which is refused.
    writeValue(array[index], depth)
  }
  out.byte(CLOSE_BRACKET)
}
