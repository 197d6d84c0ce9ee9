import { isUtf8 } from 'node:buffer'

import { borrowedCodeUnits } from '../unicode/code-units.ts'
import { COLOUR, matchAt } from './rule.ts'
import { substitute, type Substituted, type Substitution } from './substitution.ts'

// What programs write for a character: `\/` in the JSON of PHP, `\u0026` in that of Go, `&amp;` in HTML, `%3D` in addresses;
// and what nobody sees: colours of a terminal, soft hyphens, characters without width.

const HEX = '[0-9A-Fa-f]'
const INVISIBLE = String.raw`[[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]--[\t\n\r]]+`
const SLASH = String.raw`\\{1,3}(\/)`
const UNITS = String.raw`((?:\\{1,3}u${HEX}{4}){1,256})`
const BYTES = String.raw`((?:\\{1,3}x${HEX}{2}){1,256})`
/** What was written twice has `%25` and `amp;` in it. */
const PERCENT = String.raw`((?:%(?:25){0,2}${HEX}{2}){1,256})`
const ENTITY = String.raw`&(?:amp;){0,2}(amp|lt|gt|quot|apos|#\d{1,5}|#[xX]${HEX}{1,4});`
const SPELLED = [COLOUR, SLASH, UNITS, BYTES, PERCENT, ENTITY]
const IN_PLAIN_SIGHT = new RegExp(SPELLED.join('|'), 'y')
const ALSO_INVISIBLE = new RegExp([...SPELLED, INVISIBLE].join('|'), 'vy')
/** UTF-16 units that an invisible character begins with, first and last; a test compares them with the properties. */
const FIRST_UNITS = [
  [0x0, 0x8],
  [0xb, 0xc],
  [0xe, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x600, 0x605],
  [0x61c, 0x61c],
  [0x6dd, 0x6dd],
  [0x70f, 0x70f],
  [0x890, 0x891],
  [0x8e2, 0x8e2],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0xd804, 0xd804],
  [0xd80d, 0xd80d],
  [0xd82f, 0xd82f],
  [0xd834, 0xd834],
  [0xdb40, 0xdb43],
] as const
/** Signs that a spelling begins with, and what can stand after each. */
const SIGNS = [
  ['\\', '\\/uxe03'],
  ['%', '0123456789ABCDEFabcdef'],
  ['&', 'algq#'],
] as const
/** For each UTF-16 unit what it may begin and what it may stand after, in bits: to search by the expressions takes up to fifty times as long. */
const BEGINS = new Uint8Array(0x10000)
const FOLLOWS = new Uint8Array(0x10000)
const UNSEEN = 1 << SIGNS.length
for (const [first, last] of FIRST_UNITS) BEGINS.fill(UNSEEN, first, last + 1)
FOLLOWS.fill(UNSEEN)
for (const [bit, [sign, next]] of SIGNS.entries()) {
  BEGINS[sign.charCodeAt(0)] = 1 << bit
  for (const unit of Buffer.from(next)) FOLLOWS[unit] = (FOLLOWS[unit] ?? 0) | (1 << bit)
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The text in plain spelling, without what nobody sees; undefined when it is written so already. */
export function plainSpelling(text: string): Substituted | undefined {
  const units = borrowedCodeUnits(text)
  const substitutions: Substitution[] = []
  for (let start = nextBegun(units, 0, text.length); start < text.length;) {
    const match = matchBegun(text, units, start)
    const end = start + (match?.[0].length ?? 1)
    if (match) substitutions.push({ start, end, by: meaningOf(match) })
    start = nextBegun(units, end, text.length)
  }
  return substitutions.length === 0 ? undefined : substitute(text, substitutions)
}

function nextBegun(units: Uint16Array, from: number, length: number): number {
  let at = from
  while (at < length && BEGINS[units[at] ?? 0] === 0) at += 1
  return at
}

function matchBegun(text: string, units: Uint16Array, start: number): RegExpExecArray | undefined {
  const begun = BEGINS[units[start] ?? 0] ?? 0
  if ((begun & (FOLLOWS[units[start + 1] ?? 0] ?? 0)) === 0) return undefined
  return matchAt(begun === UNSEEN ? ALSO_INVISIBLE : IN_PLAIN_SIGHT, text, start)
}

function meaningOf([, slash, units, bytes, percent, entity]: RegExpExecArray): string {
  if (slash !== undefined) return slash
  if (units !== undefined) return units.replaceAll(/\\+u(.{4})/g, (_, digits: string) => character(digits, 16))
  if (bytes !== undefined) return utf8(bytes, bytes.replaceAll(/\\+x/g, ''))
  if (percent !== undefined) return utf8(percent, percent.replaceAll(/%(?:25)*(?=[0-9A-Fa-f]{2})/g, ''))
  if (entity === undefined) return ''
  if (!entity.startsWith('#')) return ENTITIES[entity] ?? ''
  return /^#x/i.test(entity) ? character(entity.slice(2), 16) : character(entity.slice(1), 10)
}

function character(digits: string, radix: number): string {
  return String.fromCharCode(Number.parseInt(digits, radix))
}

/** Bytes that are no text stay as they are written. */
function utf8(written: string, hexadecimal: string): string {
  const bytes = Buffer.from(hexadecimal, 'hex')
  return isUtf8(bytes) ? bytes.toString() : written
}
