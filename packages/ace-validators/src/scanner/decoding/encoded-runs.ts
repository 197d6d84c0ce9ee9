import { ascii85Decoded } from './base-texts.ts'
import { base64Pieces } from './base64-pieces.ts'
import { base64Runs, type Decoded } from './base64-runs.ts'
import { BETWEEN, Derivation, type DerivedText } from './derived-text.ts'
import { readable } from './readable.ts'

// Runs of characters that are text in another spelling. Every character that comes out of one stands for the whole run: nobody
// can say which of its characters is which.

const SPACED_HEXADECIMAL = /\b\d[0-9a-f](?:[ :,-][0-9a-f]{2}){7,}/gi
const MARKED_HEXADECIMAL =
  /\b(?:0x(?:[0-9a-f]{2}){8,}|(?:0x|U\+00)[0-9a-f]{2}(?:[\s,]{1,3}(?:0x|U\+00)[0-9a-f]{2}){7,})/gi
/** From one of the first eight digits of a run: a run may begin with others. */
const BINARY = /(?<![01]{8})[01]{8}(?:[ ,\n]{0,2}[01]{8}){5,}/g
/** Seven bits are a letter as well. */
const SHORT_BINARY = /(?<![01])[01]{7}(?:[ ,\n]{1,2}[01]{7}){5,}(?![01])/g
const DECIMAL = /\b\d{2,3}(?:[\s,;]{1,3}\d{2,3}){5,}\b/g
/** `chr(105)+chr(103)`, `[char]105+[char]103`. */
const CALLS =
  /(?:\bn?chrw?\(|\bchar\(|\[char\]|\bfromCharCode\()\d{2,3}(?:\)?[\s+|&.,]{1,6}(?:n?chrw?\(|char\(|\[char\]|(?:String\.)?fromCharCode\()\d{2,3}){5,}/gi
const ASCII85 = /<~[!-uz\s]{10,}~>/g
/** A blank may have two digits. */
const OCTAL = /^[01][0-7]{2}(?:[\s,;]{1,3}(?:[01][0-7]{2}|40))+$/
const MORSE = /[.·•−–—-]{1,5}(?:(?: {1,3}| ?\/ ?)[.·•−–—-]{1,5}){6,}/g

/** The texts that stand in a text as numbers of any base or Morse code, one after the other. */
export function encodedRuns(text: string): DerivedText | undefined {
  const found = [
    ...base64Runs(text),
    ...base64Pieces(text),
    ...decodedMatches(text, SPACED_HEXADECIMAL, (run) => readable(Buffer.from(run.replace(/[ :,-]/g, ''), 'hex'))),
    ...decodedMatches(text, MARKED_HEXADECIMAL, hexadecimalDecoded),
    ...decodedMatches(text, BINARY, (run) => readable(bytesOf(run.match(/[01]{8}/g), 2))),
    ...decodedMatches(text, SHORT_BINARY, (run) => readable(bytesOf(run.match(/[01]{7}/g), 2))),
    ...decodedMatches(text, DECIMAL, (run) => readable(bytesOf(run.match(/\d+/g), OCTAL.test(run) ? 8 : 10))),
    ...decodedMatches(text, CALLS, (run) => readable(bytesOf(run.match(/\d+/g), 10))),
    ...(text.includes('<~') ? decodedMatches(text, ASCII85, (run) => ascii85Decoded(run.slice(2, -2))) : []),
    ...decodedMatches(text, MORSE, morseDecoded),
  ]
  if (found.length === 0) return undefined
  const runs = new Derivation(
    text,
    found.reduce((sum, { decoded }) => sum + decoded.length + BETWEEN.length, 0),
  )
  for (const { decoded, from } of found) runs.put(decoded + BETWEEN, from)
  return runs.finish()
}

/** `pattern` is global. Going on from its own place costs far less than `matchAll`, which copies it. */
function decodedMatches(text: string, pattern: RegExp, decode: (run: string) => string | undefined): Decoded[] {
  const found: Decoded[] = []
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const decoded = decode(match[0])
    if (decoded !== undefined) found.push({ decoded, from: { start: match.index, end: pattern.lastIndex } })
  }
  return found
}

function hexadecimalDecoded(run: string): string | undefined {
  return readable(Buffer.from(run.replace(/0x|U\+00|[\s,]/gi, ''), 'hex'))
}

function bytesOf(numbers: readonly string[] | null, radix: number): Buffer {
  return Buffer.from((numbers ?? []).map((number) => Number.parseInt(number, radix)))
}

/** Letters by their signs as bits, a stroke as 1, after a leading 1. */
const MORSE_LETTERS = new Map(
  '.- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --..'
    .split(' ')
    .map((signs, index) => [
      Array.from(signs).reduce((bits, sign) => morseBits(bits, sign), 1),
      String.fromCharCode(0x61 + index),
    ]),
)

/** With its last sign and without it, which may be the full stop of a sentence. */
function morseDecoded(run: string): string | undefined {
  const signs = run.replaceAll(/[·•]/g, '.').replaceAll(/[−–—]/g, '-')
  const readings = [signs, signs.slice(0, -1)].map(morseLetters).filter((text) => text !== undefined)
  return readings.length === 0 ? undefined : readings.join(BETWEEN)
}

function morseLetters(run: string): string | undefined {
  if (!/[.-]$/.test(run)) return undefined
  let letters = ''
  let bits = 1
  for (const sign of `${run.replaceAll(/ {2,3}/g, '/')} `) {
    if (sign === '.' || sign === '-') {
      bits = morseBits(bits, sign)
      continue
    }
    if (bits > 1) {
      const letter = MORSE_LETTERS.get(bits)
      if (letter === undefined) return undefined
      letters += letter
      bits = 1
    }
    if (sign === '/') letters += ' '
  }
  return letters
}

function morseBits(bits: number, sign: string): number {
  return bits * 2 + (sign === '-' ? 1 : 0)
}
