/** The shortest run that is looked into: 24 bytes. */
const SHORTEST = 32
/** 1 for the characters of both alphabets. */
const BASE64 = Uint8Array.from({ length: 128 }, (_, unit) => Number(/[\w+/-]/.test(String.fromCharCode(unit))))
/** What the first characters have to decode to; nothing but text does by chance. */
const PRINTABLE = /^[\t\n\r\x20-\x7e]{24}/
const LOOK = 64
const STEP = 5
const NONE: readonly Base64Run[] = []

export interface Base64Run {
  /** With its padding. */
  readonly start: number
  readonly end: number
  /** What it holds. */
  readonly text: string
}

/** The places of a text where other text stands in base64, of either alphabet. Takes linear time: most places are stepped over. */
export function base64Runs(text: string): readonly Base64Run[] {
  // Most texts are names and short quotations.
  if (text.length < SHORTEST) return NONE
  let runs: Base64Run[] | undefined
  for (let index = SHORTEST - 1; index < text.length;) {
    // A run that is long enough covers this place and half of its shortest length on one side.
    if (!isBase64(text.charCodeAt(index)) || !(reaches(text, index, -STEP) || reaches(text, index, STEP))) {
      index += SHORTEST
      continue
    }
    let start = index
    while (start > 0 && index - start < SHORTEST && isBase64(text.charCodeAt(start - 1))) start -= 1
    let end = index + 1
    while (end < text.length && isBase64(text.charCodeAt(end))) end += 1
    const run = end - start >= SHORTEST ? decoded(text, start, end) : undefined
    if (run) (runs ??= []).push(run)
    index = end + SHORTEST
  }
  return runs ?? NONE
}

/** Whether the characters up to half the shortest length from here may all be of base64: a cheap look before the true one. */
function reaches(text: string, index: number, step: number): boolean {
  const last = index + 3 * step
  return (
    last < text.length &&
    isBase64(text.charCodeAt(index + step)) &&
    isBase64(text.charCodeAt(index + 2 * step)) &&
    isBase64(text.charCodeAt(last))
  )
}

function decoded(text: string, start: number, end: number): Base64Run | undefined {
  if (!mayHoldAscii(text, start)) return undefined
  if (!PRINTABLE.test(decode(text.slice(start, Math.min(end, start + LOOK))))) return undefined
  const padding = text.startsWith('==', end) ? 2 : text.startsWith('=', end) ? 1 : 0
  return { start, end: end + padding, text: decode(text.slice(start, end)) }
}

/** Every fourth character begins a byte; A to Z and a to f are the ones whose byte is below 128. Spares most decoding. */
function mayHoldAscii(text: string, start: number): boolean {
  for (let at = start; at < start + SHORTEST; at += 4) {
    const unit = text.charCodeAt(at)
    if (!((unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x66))) return false
  }
  return true
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('latin1')
}

function isBase64(unit: number): boolean {
  return unit < BASE64.length && BASE64[unit] === 1
}
