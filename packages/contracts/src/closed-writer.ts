import { fixedText, mayChangeInNfc, memberLabel, writeNumber, writeString } from '@ctxlock/core-hash/text-writer'
import type { FixedText, Utf8Buffer } from '@ctxlock/core-hash/text-writer'
import { z } from 'zod'

import {
  closedFields,
  isPlainRecord,
  lengthTest,
  membersByKeys,
  numberTaker,
  oncePerSchema,
  onlyPattern,
  textTest,
} from './closed-schema.ts'
import type { ClosedField } from './closed-schema.ts'
import { openKindOf } from './events/open-fields.ts'
import type { TextKind } from './events/open-fields.ts'
import { fixedFormWriter } from './fixed-form.ts'

/** Whether an open string may stand as it is. One function always says the same: what it said of a string that repeats is remembered. */
export type IsClean = (text: string, kind: TextKind) => boolean
/** Writes the value of a field that the record does not have: one that its schema takes, in canonical text. */
export type WriteAdded = (out: Utf8Buffer, name: string) => void
/** Writes what the schema takes; false for everything else, and where only the schema itself can tell. */
export type ClosedWriter = (out: Utf8Buffer, value: unknown, isClean: IsClean, writeAdded?: WriteAdded) => boolean

interface SpecialFields {
  /** A key the value must not have, though the schema asks for it. */
  readonly without?: string
  /** The same of keys whose values `writeAdded` writes. */
  readonly added?: ReadonlySet<string>
  /** A field whose value will be written over: `mark` of the buffer tells where it begins. */
  readonly marked?: string
}

/**
 * Writes a value as its closed schema would take it, in canonical text: known keys only, each value read once, and checked when it
 * is written. What it does not take at first sight, because it is wrong or unusual, the schema has to judge; then some of it may have
 * been written. What it writes is canonical text that the schema takes. Several times faster than a parser and a writer,
 * most of all for the first few events of a process, for all types share these few functions.
 */
export function closedWriter(schema: z.ZodObject, special?: SpecialFields): ClosedWriter {
  return objectWriter(schema, special)
}

const writerOf = oncePerSchema((schema): ClosedWriter => {
  if (schema instanceof z.ZodObject) return objectWriter(schema)
  if (schema instanceof z.ZodArray) return arrayWriter(schema)
  if (schema instanceof z.ZodString) return stringWriter(schema)
  if (schema instanceof z.ZodNumber) return numberWriter(schema)
  if (schema instanceof z.ZodBoolean) return oneOf([true, false])
  if (schema instanceof z.ZodEnum) return oneOf(schema.options)
  if (schema instanceof z.ZodLiteral) return oneOf(schema.values)
  if (schema instanceof z.ZodNullable) {
    const write = writerOf(schema.unwrap())
    return (out, value, isClean) => {
      if (value !== null) return write(out, value, isClean)
      out.ascii('null')
      return true
    }
  }
  return refuse
})

const refuse: ClosedWriter = () => false

interface Field extends ClosedField {
  readonly write: ClosedWriter
  readonly isAdded: boolean
}

const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const COMMA = 0x2c

function objectWriter(schema: z.ZodObject, { without, added, marked }: SpecialFields = {}): ClosedWriter {
  const fields = closedFields(schema, without)?.map((field): Field => {
    return { ...field, write: writerOf(field.schema), isAdded: added?.has(field.name) === true }
  })
  if (!fields) return refuse
  const own = fields.filter(({ isAdded }) => !isAdded)
  const membersOf = membersByKeys(own, (present) =>
    fields
      .filter((field) => field.isAdded || present.includes(field))
      .map(({ name, write, isAdded }, index) => ({ name, write, isAdded, label: labelOf(name, index === 0) })),
  )
  return (out, value, isClean, writeAdded = refuseAdded) => {
    if (!isPlainRecord(value)) return false
    const members = membersOf(value)
    if (!members) return false
    if (members.length === 0) out.byte(OPEN_BRACE)
    for (const { name, write, isAdded, label } of members) {
      out.fixed(label)
      // Behind the quote.
      if (name === marked) out.mark = out.length + 1
      if (isAdded) writeAdded(out, name)
      else if (!write(out, value[name], isClean)) return false
    }
    out.byte(CLOSE_BRACE)
    return true
  }
}

function refuseAdded(): never {
  throw new TypeError('expected whoever writes the added fields')
}

// Types of events have most of their names in common.
const labels = new Map<string, FixedText>()

function labelOf(name: string, isFirst: boolean): FixedText {
  const key = isFirst ? `{${name}` : name
  const known = labels.get(key) ?? memberLabel(name, isFirst)
  labels.set(key, known)
  return known
}

function arrayWriter(schema: z.ZodArray): ClosedWriter {
  const write = writerOf(schema.element)
  const isFit = lengthTest(schema)
  return (out, value, isClean) => {
    if (!Array.isArray(value) || !isFit(value)) return false
    const { length } = value
    out.byte(OPEN_BRACKET)
    for (let index = 0; index < length; index++) {
      if (index > 0) out.byte(COMMA)
      if (!write(out, value[index], isClean)) return false
    }
    out.byte(CLOSE_BRACKET)
    return true
  }
}

function stringWriter(schema: z.ZodString): ClosedWriter {
  const openKind = openKindOf(schema)
  const kind = openKind === 'artifact' ? undefined : openKind
  const pattern = onlyPattern(schema)
  const writeForm = pattern && kind === undefined ? fixedFormWriter(pattern) : undefined
  if (writeForm) return (out, value) => typeof value === 'string' && writeForm(out, value)

  const isFit = textTest(schema)
  // All that one judge of what is clean let pass.
  const known = new Map<string, FixedText>()
  let judge: IsClean | undefined
  return (out, value, isClean) => {
    if (typeof value !== 'string') return false
    if (isClean !== judge) {
      known.clear()
      judge = isClean
    }
    const text = value.length <= MAX_KNOWN_LENGTH ? known.get(value) : undefined
    if (text) {
      out.fixed(text)
      return true
    }
    if (!isFit(value) || !isNfc(value) || (kind !== undefined && !isClean(value, kind))) return false
    const start = out.length
    if (!writeString(out, value)) return false
    // Whoever judged may have had something written for another judge meanwhile.
    if (isClean === judge && value.length <= MAX_KNOWN_LENGTH) remember(known, value, out.fixedSince(start))
    return true
  }
}

// Names and ids of runs, jobs and models repeat from event to event.
const MAX_KNOWN_LENGTH = 64
const MAX_KNOWN = 1024

function remember(known: Map<string, FixedText>, value: string, text: FixedText): void {
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(value, text)
}

function isNfc(text: string): boolean {
  return !mayChangeInNfc(text) || text.normalize('NFC') === text
}

function numberWriter(schema: z.ZodNumber): ClosedWriter {
  const take = numberTaker(schema)
  return (out, value) => {
    const number = take(value)
    return number !== undefined && writeNumber(out, number)
  }
}

function oneOf(values: Iterable<unknown>): ClosedWriter {
  const allowed = new Set(values)
  const texts = new Map<unknown, FixedText>()
  return (out, value) => {
    const known = texts.get(value)
    if (!known && !allowed.has(value)) return false
    const text = known ?? fixedText(JSON.stringify(value))
    if (!known) texts.set(value, text)
    out.fixed(text)
    return true
  }
}
