const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/**
 * The UTF-16 units of a text. Reading them from an array keeps its speed in every tier of the compiler; `charCodeAt` over
 * a single long string has been seen six times as slow.
 */
export function codeUnits(text: string): Uint16Array {
  return fill(new Uint16Array(text.length), text)
}

function fill(units: Uint16Array<ArrayBuffer>, text: string): Uint16Array {
  const bytes = Buffer.from(units.buffer, 0, text.length * 2)
  bytes.write(text, 'utf16le')
  if (!LITTLE_ENDIAN) bytes.swap16()
  return units
}

/** The text of UTF-16 units, which it may swap in place. */
export function textOf(units: Uint16Array<ArrayBuffer>): string {
  const bytes = Buffer.from(units.buffer, units.byteOffset, units.byteLength)
  return (LITTLE_ENDIAN ? bytes : bytes.swap16()).toString('utf16le')
}

/** Units of a text that are kept room for between two calls. */
const KEPT = 1 << 20
/** Below this, asking for the bytes of a text costs more than taking its units one by one. */
const SHORT = 256
let shared = new Uint16Array(SHORT)
/** Whose units it holds: a text is asked for several times in a row. */
let held = ''

/**
 * The same in an array that is longer than the text and that a call with another text writes over: nothing is allocated. Only to
 * be read.
 */
export function borrowedCodeUnits(text: string): Uint16Array {
  const { length } = text
  if (text === held) return shared
  if (length > KEPT) return codeUnits(text)
  held = text
  if (length > shared.length) shared = new Uint16Array(KEPT)
  if (length > SHORT) return fill(shared, text)
  for (let index = 0; index < length; index += 1) shared[index] = text.charCodeAt(index)
  return shared
}

export function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

export function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}

/** The code point of a high surrogate and the low one behind it. */
export function codePointOf(high: number, low: number): number {
  return (((high & 0x3ff) << 10) | (low & 0x3ff)) + 0x10000
}
