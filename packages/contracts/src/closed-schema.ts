// What copying and writing by a closed schema ask of it. Of checks and kinds of schema that are not known here nothing is taken.
import { normalizeValue } from '@ctxlock/core-hash'
import { z } from 'zod'

import { fixedFormTest } from './fixed-form.ts'

export interface ClosedField {
  readonly name: string
  readonly isOptional: boolean
  readonly schema: z.core.$ZodType
}

/** Fields share their schemas: what is made for a hash serves wherever a hash stands. */
export function oncePerSchema<Made>(make: (schema: z.core.$ZodType) => Made): (schema: z.core.$ZodType) => Made {
  const made = new WeakMap<z.core.$ZodType, Made>()
  return (schema) => {
    const known = made.get(schema) ?? make(schema)
    made.set(schema, known)
    return known
  }
}

/** The fields of an object in canonical order, without one that is left out; undefined when unknown keys are let through. */
export function closedFields(schema: z.ZodObject, without?: string): readonly ClosedField[] | undefined {
  if (!(schema.def.catchall instanceof z.ZodNever)) return undefined
  return Object.entries(schema.shape)
    .filter(([name]) => name !== without)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => {
      const isOptional = field instanceof z.ZodOptional || field instanceof z.ZodExactOptional
      return { name, isOptional, schema: isOptional ? field.unwrap() : field }
    })
}

/**
 * Gives the members a record has, made from its fields by `membersOf`; undefined when a key is missing or unknown. Most records of a
 * schema have the same keys in the same order as the one before, and are not looked up key by key.
 */
export function membersByKeys<Field extends ClosedField, Members>(
  fields: readonly Field[],
  membersOf: (present: readonly Field[]) => Members,
): (record: Record<string, unknown>) => Members | undefined {
  let names: readonly string[] | undefined
  let members: Members | undefined
  return (record) => {
    const keys = Object.keys(record)
    if (!names || !areEqual(names, keys)) {
      const present = presentFields(fields, keys)
      names = present && keys
      members = present && membersOf(present)
    }
    return members
  }
}

/** The fields an object with these keys has; undefined when one is missing or a key is unknown. */
function presentFields<Field extends ClosedField>(
  fields: readonly Field[],
  keys: readonly string[],
): readonly Field[] | undefined {
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

export function isPlainRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Whether an array has a length that its schema takes. */
export function lengthTest(schema: z.ZodArray): (value: readonly unknown[]) => boolean {
  return checksOf(schema, lengthCheck)
}

/** Whether a schema takes a text. */
export function textTest(schema: z.ZodString): (value: string) => boolean {
  // `z.email()` and its like are their own check.
  if ('check' in schema.def) return () => false
  return checksOf<string>(schema, (check) => {
    if (!(check instanceof z.core.$ZodCheckRegex)) return lengthCheck(check)
    const { pattern } = check._zod.def
    return fixedFormTest(pattern) ?? ((value) => pattern.test(value))
  })
}

/** The pattern of a schema that asks for nothing else. */
export function onlyPattern({ def }: z.ZodString): RegExp | undefined {
  const [check, ...others] = def.checks ?? []
  const isAlone = !('check' in def) && others.length === 0
  return isAlone && check instanceof z.core.$ZodCheckRegex ? check._zod.def.pattern : undefined
}

/** The number as canonical text rounds it, when its schema takes it both as it is and rounded. */
export function numberTaker(schema: z.ZodNumber): (value: unknown) => number | undefined {
  if (schema.format !== null && schema.format !== 'safeint') return () => undefined
  const takesFractions = schema.format === null
  const isFit = checksOf<number>(schema, (check) => {
    if (check instanceof z.core.$ZodCheckGreaterThan) return bound(check, (value, limit) => value > limit)
    if (check instanceof z.core.$ZodCheckLessThan) return bound(check, (value, limit) => value < limit)
    return undefined
  })
  return (value) => {
    if (typeof value !== 'number' || !isFit(value)) return undefined
    if (Number.isSafeInteger(value)) return value
    // Of whole numbers beyond those the schema says whether it takes them.
    if (!takesFractions || !Number.isFinite(value) || Number.isInteger(value)) return undefined
    const rounded = Number(normalizeValue(value))
    return isFit(rounded) ? rounded : undefined
  }
}

function lengthCheck(check: z.core.$ZodCheck<never>): ((value: { readonly length: number }) => boolean) | undefined {
  if (check instanceof z.core.$ZodCheckMaxLength) return ({ length }) => length <= check._zod.def.maximum
  if (check instanceof z.core.$ZodCheckMinLength) return ({ length }) => length >= check._zod.def.minimum
  return undefined
}

function bound(
  { _zod: { def } }: z.core.$ZodCheckGreaterThan | z.core.$ZodCheckLessThan,
  isBeyond: (value: number, limit: number) => boolean,
): (value: number) => boolean {
  const limit = Number(def.value)
  return (value) => isBeyond(value, limit) || (def.inclusive && value === limit)
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
