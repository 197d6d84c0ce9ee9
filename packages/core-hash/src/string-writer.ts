import { encodeUnits, encodeUtf8 } from './host.ts'
import type { Utf8Buffer } from './utf8-buffer.ts'

/**
 * Code units that canonical text shows as they are, wherever they stand: none is escaped, none is a surrogate, and none can
 * change under NFC, because each is assigned, no mark, its own NFC form and never the later half of a composition. Unicode
 * promises that they stay so; a test looks at every one. Units that are absent are not wrong, they take the careful way.
 */
export const PLAIN_RANGES: readonly (readonly [first: number, last: number])[] = [
  [0x0020, 0x0021],
  [0x0023, 0x005b],
  [0x005d, 0x02ff], // Latin
  [0x0370, 0x0373],
  [0x0388, 0x038a],
  [0x038e, 0x03a1],
  [0x03a3, 0x0482], // Greek, Cyrillic
  [0x048a, 0x052f],
  [0x0531, 0x0556],
  [0x0561, 0x0587], // Armenian
  [0x05d0, 0x05ea], // Hebrew letters
  [0x0620, 0x064a], // Arabic letters
  [0x1e00, 0x1eff], // Vietnamese
  [0x2010, 0x2027],
  [0x2030, 0x205e], // punctuation
  [0x20a0, 0x20c0], // currencies
  [0x2190, 0x2328],
  [0x232b, 0x2426],
  [0x2460, 0x2adb], // arrows, mathematics, frames
  [0x3001, 0x3029],
  [0x3030, 0x303f],
  [0x3041, 0x3096],
  [0x309b, 0x30ff], // Kana
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff], // Han
  [0xac00, 0xd7a3], // Hangul
  [0xff01, 0xff9d],
]

const isPlain = new Uint8Array(0x10000)
for (const [first, last] of PLAIN_RANGES) isPlain.fill(1, first, last + 1)

const QUOTE = 0x22
/** Up to here a loop is faster than the host's encoder. */
const SHORT = 12
/** Up to here the units of a text are read faster one by one than copied by the host. */
const SHORT_COPY = 48
/** Text of more units that is no ASCII takes the careful way, which for so much text is as fast. */
const LONG = 1 << 15

/** Writes a string between quotes, in NFC, escaped where needed (CJ-018, CJ-021); false when it holds a lone surrogate. */
export function writeString(out: Utf8Buffer, text: string): boolean {
  out.reserve(3 * text.length + 2)
  const isAsciiPerhaps = text.length > SHORT && looksAscii(text)
  return (isAsciiPerhaps ? writeAscii(out, text) : writePlain(out, text)) || writeCarefully(out, text)
}

/** A guess by three units at which way is faster. */
function looksAscii(text: string): boolean {
  const { length } = text
  return (text.charCodeAt(0) | text.charCodeAt(length >> 1) | text.charCodeAt(length - 1)) < 0x80
}

/** Encodes first and looks at the bytes afterwards, four at a time; `length` does not move unless nothing needs care. */
function writeAscii(out: Utf8Buffer, text: string): boolean {
  const { bytes } = out
  const start = out.length + 1
  const end = start + encodeUtf8.call(bytes, text, start)
  if (end - start !== text.length) return writePlain(out, text)
  if (!isPlainAscii(out.view, start, end)) return false
  bytes[out.length] = QUOTE
  bytes[end] = QUOTE
  out.length = end + 1
  return true
}

/** True when no byte of the range, at least four long, is below 0x20, above 0x7f, a quote or a backslash. */
function isPlainAscii(view: DataView, start: number, end: number): boolean {
  let at = start
  for (; at < end - 4; at += 4) if (hasOtherByte(view.getInt32(at, true))) return false
  return !hasOtherByte(view.getInt32(end - 4, true))
}

/** Subtraction sets the top bit of a byte below the subtrahend; equality with a byte is a zero after XOR. */
function hasOtherByte(four: number): boolean {
  const control = four - 0x20202020
  const quote = (four ^ 0x22222222) - 0x01010101
  const backslash = (four ^ 0x5c5c5c5c) - 0x01010101
  return ((four | control | quote | backslash) & 0x80808080) !== 0
}

/** Holds the units of the text that is being written: reading them from here is faster than from the string. */
const units = new Uint16Array(LONG)
const unitBytes = new Uint8Array(units.buffer)

/** Encodes and looks unit by unit; `length` does not move unless every unit is plain. */
function writePlain(out: Utf8Buffer, text: string): boolean {
  const { bytes } = out
  const count = text.length
  if (count > LONG) return false
  if (count > SHORT_COPY) encodeUnits.call(unitBytes, text, 0)
  else for (let index = 0; index < count; index++) units[index] = text.charCodeAt(index)
  let at = out.length
  bytes[at++] = QUOTE
  for (let index = 0; index < count; index++) {
    const unit = units[index] ?? 0
    if (isPlain[unit] === 0) return false
    if (unit < 0x80) {
      bytes[at++] = unit
    } else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6)
      bytes[at++] = 0x80 | (unit & 0x3f)
    } else {
      bytes[at++] = 0xe0 | (unit >> 12)
      bytes[at++] = 0x80 | ((unit >> 6) & 0x3f)
      bytes[at++] = 0x80 | (unit & 0x3f)
    }
  }
  bytes[at++] = QUOTE
  out.length = at
  return true
}

/** Below U+0300, the first combining mark, nothing changes under NFC and nothing is a surrogate. */
export function mayChangeInNfc(text: string): boolean {
  return FROM_FIRST_MARK.test(text)
}

const FROM_FIRST_MARK = /[\u0300-\uffff]/

function writeCarefully(out: Utf8Buffer, text: string): boolean {
  if (!mayChangeInNfc(text)) {
    out.text(JSON.stringify(text))
    return true
  }
  if (!text.isWellFormed()) return false
  out.text(JSON.stringify(text.normalize('NFC')))
  return true
}
