import { borrowedCodeUnits } from '../../unicode/code-units.ts'
import { base32Decoded } from './base-texts.ts'
import type { Range } from './derived-text.ts'
import { readable, READABLE_SHARE } from './readable.ts'

/** Shorter runs hold no pattern. */
const SHORTEST = 16
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_'
/** For each UTF-16 unit its six bits, or NONE. */
const NONE = 0xff
const DIGITS = new Uint8Array(0x10000).fill(NONE)
for (let index = 0; index < ALPHABET.length; index += 1) {
  // The last two are the spelling of the other two in URLs.
  DIGITS[ALPHABET.charCodeAt(index)] = index < 64 ? index : index - 2
}
const BASE32 = /^[A-Z2-7]{22,}$/
const HEXADECIMAL = /^(?:[0-9a-f]{2})+$/i
const DATA_URL = /data:[\w/+.;=-]{0,64};base64,$/

/** A text and where the run of characters stands that it was read from. */
export interface Decoded {
  readonly decoded: string
  readonly from: Range
}

/** The texts that stand in a text as base64, in one line or several, as base32, or as hexadecimal numbers without gaps. */
export function base64Runs(text: string): Decoded[] {
  const found: Decoded[] = []
  let last = 0
  /** Lines up to here were read together already: they are once more only one by one, or the time would not be linear. */
  let joined = 0
  for (const run of digitRuns(text)) {
    // A run may have taken the lines after it.
    if (run.start < last) continue
    const lines = run.start < joined ? { digits: '', end: run.end } : followingLines(text, run)
    joined = Math.max(joined, lines.end)
    const decoded = decodedDigits(text, run, lines)
    if (decoded === undefined) continue
    found.push(decoded)
    last = decoded.from.end
  }
  return found
}

/** Runs of base64 digits that may be a text; most runs are names and paths and are none. */
function digitRuns(text: string): Range[] {
  const units = borrowedCodeUnits(text)
  const { length } = text
  const runs: Range[] = []
  // No digit stands before `start`. Read from its end, a run that is too short mostly gives itself away at once.
  for (let start = 0; start + SHORTEST <= length;) {
    let end = start + SHORTEST
    while (end > start && isDigit(units, end - 1)) end -= 1
    if (end > start) {
      start = end
      continue
    }
    end = start + SHORTEST
    while (end < length && isDigit(units, end)) end += 1
    if (mayBeText(units, { start, end })) runs.push({ start, end })
    start = end + 1
  }
  return runs
}

function isDigit(units: Uint16Array, at: number): boolean {
  return DIGITS[units[at] ?? 0] !== NONE
}

function mayBeText(units: Uint16Array, run: Range): boolean {
  return (
    isHexadecimal(units, run.start) ||
    isBase32(units, run.start) ||
    isOrderMark(units, run.start) ||
    beginsLikeText(units, run.start) ||
    isMostlyAscii(units, run)
  )
}

/** Whether the first eight digits are six bytes that a text in UTF-8 or UTF-16 may begin with. */
function beginsLikeText(units: Uint16Array, start: number): boolean {
  let following = 0
  for (let at = start; at < start + 8; at += 4) {
    const bits = bytesAt(units, at)
    for (let shift = 16; shift >= 0; shift -= 8) {
      const byte = (bits >> shift) & 0xff
      const left = bytesFollowing(byte, following)
      if (left === undefined) return false
      following = left
    }
  }
  return true
}

/** Whether it can be read although it begins with something else, such as the head of a file. */
function isMostlyAscii(units: Uint16Array, { start, end }: Range): boolean {
  const bytes = 3 * ((end - start) >> 2)
  let printable = bytes
  for (let at = start; at + 4 <= end; at += 4) {
    const bits = bytesAt(units, at)
    for (let shift = 16; shift >= 0; shift -= 8) {
      const byte = (bits >> shift) & 0xff
      if (byte < 0x20 || byte >= 0x7f) printable -= 1
    }
    // Names of code are told by their first half.
    if (printable < READABLE_SHARE * bytes) return false
  }
  return true
}

/** Three bytes that four digits are. */
function bytesAt(units: Uint16Array, at: number): number {
  return (
    (digitAt(units, at) << 18) | (digitAt(units, at + 1) << 12) | (digitAt(units, at + 2) << 6) | digitAt(units, at + 3)
  )
}

/** How many bytes must follow a byte of UTF-8 before which `expected` were still to come; undefined when it cannot stand there. */
function bytesFollowing(byte: number, expected: number): number | undefined {
  if (expected > 0) return byte >= 0x80 && byte < 0xc0 ? expected - 1 : undefined
  // Zero is every other byte of Latin letters in UTF-16.
  if (byte < 0x80)
    return byte === 0 || (byte >= 0x20 && byte !== 0x7f) || (byte >= 0x09 && byte <= 0x0d) ? 0 : undefined
  if (byte < 0xc2 || byte > 0xf4) return undefined
  return byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
}

function isHexadecimal(units: Uint16Array, start: number): boolean {
  for (let at = start; at < start + SHORTEST; at += 1) {
    const unit = (units[at] ?? 0) | 0x20
    if (!((unit >= 0x30 && unit <= 0x39) || (unit >= 0x61 && unit <= 0x66))) return false
  }
  return true
}

function isBase32(units: Uint16Array, start: number): boolean {
  for (let at = start; at < start + SHORTEST; at += 1) {
    const unit = units[at] ?? 0
    if (!((unit >= 0x41 && unit <= 0x5a) || (unit >= 0x32 && unit <= 0x37))) return false
  }
  return true
}

/** The first two bytes of a text in UTF-16 that says in which order its bytes are: `//4` or `/v8`. */
function isOrderMark(units: Uint16Array, start: number): boolean {
  const first = (digitAt(units, start) << 12) | (digitAt(units, start + 1) << 6) | digitAt(units, start + 2)
  return first >> 2 === 0xfffe || first >> 2 === 0xfeff
}

function digitAt(units: Uint16Array, at: number): number {
  return DIGITS[units[at] ?? 0] ?? 0
}

function decodedDigits(text: string, { start, end }: Range, lines: Lines): Decoded | undefined {
  const run = text.slice(start, end)
  if (HEXADECIMAL.test(run)) {
    const decoded = readable(Buffer.from(run, 'hex'))
    if (decoded !== undefined) return { decoded, from: { start, end } }
  }
  if (BASE32.test(run)) {
    const decoded = base32Decoded(run)
    if (decoded !== undefined) return { decoded, from: { start, end } }
  }
  const whole = lines.digits === '' ? undefined : readable(Buffer.from(run + lines.digits, 'base64'))
  const decoded = whole ?? readable(Buffer.from(run, 'base64'))
  if (decoded === undefined) return undefined
  const from = DATA_URL.exec(text.slice(Math.max(0, start - 100), start))?.[0].length ?? 0
  const last = whole === undefined ? end : lines.end
  const padding = /^={1,2}/.exec(text.slice(last, last + 2))?.[0].length ?? 0
  return { decoded, from: { start: start - from, end: last + padding } }
}

interface Lines {
  readonly digits: string
  readonly end: number
}

/** Base64 is often broken into lines of equal length, of which only the last is shorter. `name: value` below it is none of them. */
function followingLines(text: string, run: Range): Lines {
  const line = /(?:\r?\n|(?:\\r)?\\n)[ \t]*(?:(?:[>#*;]|\/\/)[ \t]+)*([A-Za-z0-9+/_-]+)(?![A-Za-z0-9+/_:-])/y
  const first = text.slice(run.start, run.end)
  const { length } = first
  let digits = ''
  let { end } = run
  for (;;) {
    line.lastIndex = end
    const [match, next = ''] = line.exec(text) ?? []
    if (match === undefined || next.length > length) return { digits, end }
    if (next.length < length && next.length > 4 && readable(Buffer.from(first + digits + next, 'base64')) === undefined)
      return { digits, end }
    digits += next
    end += match.length
    if (next.length < length) return { digits, end }
  }
}
