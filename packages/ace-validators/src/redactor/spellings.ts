import { isUtf8 } from 'node:buffer'

import { COLOUR } from './rule.ts'
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
const SPELLED = [COLOUR, SLASH, UNITS, BYTES, PERCENT, ENTITY].join('|')
const IN_ASCII = new RegExp(SPELLED, 'g')
/** Looking for what nobody sees takes ten times as long. */
const IN_ANY_TEXT = new RegExp(`${SPELLED}|${INVISIBLE}`, 'gv')
const BEYOND_ASCII = /[^\t\n\r -~]/

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The text in plain spelling, without what nobody sees; undefined when it is written so already. */
export function plainSpelling(text: string): Substituted | undefined {
  const substitutions: Substitution[] = []
  const spelled = BEYOND_ASCII.test(text) ? IN_ANY_TEXT : IN_ASCII
  spelled.lastIndex = 0
  for (let match = spelled.exec(text); match !== null; match = spelled.exec(text))
    substitutions.push({ start: match.index, end: spelled.lastIndex, by: meaningOf(match) })
  return substitutions.length === 0 ? undefined : substitute(text, substitutions)
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
