import { canonicalize, normalizeValue } from '@ctxlock/core-hash'
import { z } from 'zod'

import { fixedFormTest } from './fixed-form.ts'

const REFUSED = Symbol('refused')
/** A copy of what the schema takes; `REFUSED` for everything else, and where only the schema itself can tell. */
type Read = (value: unknown) => unknown

/**
 * Copies a value as its closed schema would: known keys only, each value checked. Undefined where the schema has to judge, because the
 * value is wrong or unusual; what is copied the schema takes as well, and makes the same of it. Several times faster, most of all for
 * the first few events of a process, for all types share these few functions.
 *
 * A copy is ready to be written: its keys are in canonical order at every depth, fractions are rounded as canonical text rounds
 * them, and strings have a UTF-8 form. `without` names a key the value must not have, though the schema asks for it.
 */
export function closedCopy<Schema extends z.ZodObject, Key extends string = never>(
  schema: Schema,
  without?: Key,
): (value: unknown) => Without<z.output<Schema>, Key> | undefined {
  const read = objectReader(schema, without)
  const isTaken = (copy: unknown): copy is Without<z.output<Schema>, Key> => copy !== REFUSED
  return (value) => {
    const copy = read(value)
    return isTaken(copy) ? copy : undefined
  }
}

/**
 * The canonical text of a copy: JSON as it is written, unless there is text that NFC could change, of which every character
 * stands at U+0300 or behind it.
 */
export function closedText(copy: object): string {
  const text = JSON.stringify(copy)
  return MAY_CHANGE_IN_NFC.test(text) ? canonicalize(copy) : text
}

/**
 * What `copyOf` makes of canonical bytes, which may be an attacker's. Undefined where only `parseCanonical` and the schema can
 * tell: when the bytes are not canonical, the value is not right, or either is unusual.
 */
export function closedValue<Value extends object>(
  copyOf: (value: unknown) => Value | undefined,
  bytes: Uint8Array,
): Value | undefined {
  // Bytes that are not UTF-8 become U+FFFD, which leaves them to the others.
  const text = decoder.decode(bytes)
  if (MAY_CHANGE_IN_NFC.test(text)) return undefined
  const copy = copyOf(parsed(text))
  return copy && JSON.stringify(copy) === text ? copy : undefined
}

const MAY_CHANGE_IN_NFC = /[\u0300-\uffff]/
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Without<Value, Key extends string> = Value extends unknown ? Omit<Value, Key> : never

// Fields share their schemas: a hash is read by one function wherever it stands.
const readers = new WeakMap<z.core.$ZodType, Read>()

function readerOf(schema: z.core.$ZodType): Read {
  const known = readers.get(schema)
  if (known) return known
  const made = makeReader(schema)
  readers.set(schema, made)
  return made
}

function makeReader(schema: z.core.$ZodType): Read {
  if (schema instanceof z.ZodObject) return objectReader(schema)
  if (schema instanceof z.ZodArray) return arrayReader(schema)
  if (schema instanceof z.ZodString) return stringReader(schema)
  if (schema instanceof z.ZodNumber) return numberReader(schema)
  if (schema instanceof z.ZodBoolean) return (value) => (typeof value === 'boolean' ? value : REFUSED)
  if (schema instanceof z.ZodEnum) return oneOf(schema.options)
  if (schema instanceof z.ZodLiteral) return oneOf(schema.values)
  if (schema instanceof z.ZodDiscriminatedUnion) return firstOf(schema.options.map(readerOf))
  if (schema instanceof z.ZodNullable) {
    const read = readerOf(schema.unwrap())
    return (value) => (value === null ? null : read(value))
  }
  return refuse
}

const refuse: Read = () => REFUSED

interface Field {
  readonly name: string
  readonly isOptional: boolean
  readonly read: Read
}

function objectReader(schema: z.ZodObject, without?: string): Read {
  if (!(schema.def.catchall instanceof z.ZodNever)) return refuse
  const fields = Object.entries(schema.shape)
    .filter(([name]) => name !== without)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]): Field => {
      const isOptional = field instanceof z.ZodOptional || field instanceof z.ZodExactOptional
      return { name, isOptional, read: readerOf(isOptional ? field.unwrap() : field) }
    })
  // Most objects of a type have the same keys in the same order as the one before.
  let names: readonly string[] = []
  let present: readonly Field[] | undefined
  return (value) => {
    if (!isPlainRecord(value)) return REFUSED
    const keys = Object.keys(value)
    if (!present || !areEqual(names, keys)) [names, present] = [keys, fieldsOf(fields, keys)]
    if (!present) return REFUSED
    const copy: Record<string, unknown> = {}
    for (const { name, read } of present) {
      const member = read(value[name])
      if (member === REFUSED) return REFUSED
      copy[name] = member
    }
    return copy
  }
}

/** The fields an object with these keys has; undefined when one is missing or a key is unknown. */
function fieldsOf(fields: readonly Field[], keys: readonly string[]): readonly Field[] | undefined {
  const own = new Set(keys)
  const present = fields.filter(({ name }) => own.has(name))
  const isWhole = fields.every(({ name, isOptional }) => isOptional || own.has(name))
  return isWhole && present.length === keys.length ? present : undefined
}

function areEqual(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}

/** The options of a union exclude each other. */
function firstOf(reads: readonly Read[]): Read {
  return (value) => {
    for (const read of reads) {
      const copy = read(value)
      if (copy !== REFUSED) return copy
    }
    return REFUSED
  }
}

function arrayReader(schema: z.ZodArray): Read {
  const read = readerOf(schema.element)
  const isFit = checksOf<readonly unknown[]>(schema, lengthCheck)
  return (value) => {
    if (!Array.isArray(value) || !isFit(value)) return REFUSED
    const copy: unknown[] = []
    for (const item of value) {
      const member = read(item)
      if (member === REFUSED) return REFUSED
      copy.push(member)
    }
    return copy
  }
}

function stringReader(schema: z.ZodString): Read {
  // `z.email()` and its like are their own check.
  if ('check' in schema.def) return refuse
  const isFit = checksOf<string>(schema, (check) => {
    if (!(check instanceof z.core.$ZodCheckRegex)) return lengthCheck(check)
    const { pattern } = check._zod.def
    return fixedFormTest(pattern) ?? ((value) => pattern.test(value))
  })
  // Every item of a pack names the same source.
  let last: string | undefined
  return (value) => {
    if (typeof value !== 'string') return REFUSED
    if (value === last) return value
    if (!isFit(value) || !value.isWellFormed()) return REFUSED
    last = value
    return value
  }
}

function lengthCheck(check: z.core.$ZodCheck<never>): ((value: { readonly length: number }) => boolean) | undefined {
  if (check instanceof z.core.$ZodCheckMaxLength) return ({ length }) => length <= check._zod.def.maximum
  if (check instanceof z.core.$ZodCheckMinLength) return ({ length }) => length >= check._zod.def.minimum
  return undefined
}

function numberReader(schema: z.ZodNumber): Read {
  if (schema.format !== null && schema.format !== 'safeint') return refuse
  const takesFractions = schema.format === null
  const isFit = checksOf<number>(schema, (check) => {
    if (check instanceof z.core.$ZodCheckGreaterThan) return bound(check, (value, limit) => value > limit)
    if (check instanceof z.core.$ZodCheckLessThan) return bound(check, (value, limit) => value < limit)
    return undefined
  })
  return (value) => {
    if (typeof value !== 'number' || !isFit(value)) return REFUSED
    if (Number.isSafeInteger(value)) return value
    // Of whole numbers beyond those the schema says whether it takes them.
    if (!takesFractions || !Number.isFinite(value) || Number.isInteger(value)) return REFUSED
    const rounded = Number(normalizeValue(value))
    return isFit(rounded) ? rounded : REFUSED
  }
}

function bound(
  { _zod: { def } }: z.core.$ZodCheckGreaterThan | z.core.$ZodCheckLessThan,
  isBeyond: (value: number, limit: number) => boolean,
): (value: number) => boolean {
  const limit = Number(def.value)
  return (value) => isBeyond(value, limit) || (def.inclusive && value === limit)
}

function oneOf(values: Iterable<unknown>): Read {
  const allowed = new Set(values)
  return (value) => (allowed.has(value) ? value : REFUSED)
}

/** All checks of a schema as one; nothing is fit where one of them is not known here. */
function checksOf<Value>(
  { def }: { readonly def: { readonly checks?: readonly z.core.$ZodCheck<never>[] } },
  known: (check: z.core.$ZodCheck<never>) => ((value: Value) => boolean) | undefined,
): (value: Value) => boolean {
  const checks = (def.checks ?? []).map((check) => known(check) ?? (() => false))
  const [only = () => true] = checks
  return checks.length <= 1 ? only : (value) => checks.every((isFit) => isFit(value))
}

function isPlainRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
