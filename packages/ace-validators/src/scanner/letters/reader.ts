import { letterCode, letterOf } from './letter-automaton.ts'
import { lettersOf } from './readings.ts'

const NO_LETTER = 0
/** Codes from here on are no letter codes: `read` has to be asked. */
const ASK = 0x80
const UNKNOWN = 0xff
const REMEMBERED = 32_768

/** What stands at one place of a text: `letters` may be none, `end` lies behind it. */
export interface Read {
  readonly letters: string
  readonly end: number
}

/** One way to read the letters of a text. */
export interface Reader {
  readonly viewId: string
  /** What begins at a place. */
  read(text: string, index: number): Read
  /** The letters of a text as codes, with any number of zeros between them; `units` are its UTF-16 units. */
  encode(text: string, units: Uint16Array): Uint8Array
}

export interface ReaderOptions {
  /** Characters that are read as another letter than usual. */
  readonly letters?: ReadonlyMap<string, string>
  /** Characters that may begin something longer, which `special` knows. */
  readonly beginnings?: string
  readonly special?: (text: string, index: number) => Read | undefined
}

/** Reads character by character, unless something longer begins there. */
export function createReader(
  viewId: string,
  { letters: own = new Map(), beginnings = '', special }: ReaderOptions = {},
): Reader {
  const units = new Uint8Array(0x10000).fill(UNKNOWN)
  const astral = new Map<number, string>()
  units.fill(ASK, 0xd800, 0xe000)
  for (const [character, letter] of own) units[character.charCodeAt(0)] = letterCode(letter)
  const isBeginning = new Set(Array.from(beginnings, (character) => character.charCodeAt(0)))
  for (const unit of isBeginning) units[unit] = ASK

  function read(text: string, index: number): Read {
    const unit = text.charCodeAt(index)
    const found = isBeginning.has(unit) ? special?.(text, index) : undefined
    if (found) return found
    const codePoint = text.codePointAt(index) ?? unit
    if (codePoint > 0xffff) return { letters: astralLetters(astral, codePoint), end: index + 2 }
    const code = units[unit] ?? NO_LETTER
    if (code < ASK) return { letters: code === NO_LETTER ? '' : letterOf(code), end: index + 1 }
    const letters = own.get(text.charAt(index)) ?? lettersOf(text.charAt(index))
    if (code === UNKNOWN) units[unit] = letters === '' ? NO_LETTER : letters.length === 1 ? letterCode(letters) : ASK
    return { letters, end: index + 1 }
  }

  return {
    viewId,
    read,
    encode(text, source) {
      const codes = new Uint8Array(source.length)
      const asked = lookUp(units, source, codes)
      let skipped = 0
      for (const index of asked) {
        if (index < skipped) continue
        const { letters, end } = read(text, index)
        // Ligatures have more letters than units. They are rare.
        if (letters.length > end - index) return encodeOneByOne(text)
        codes.fill(NO_LETTER, index, end)
        for (let at = 0; at < letters.length; at += 1) codes[index + at] = letterCode(letters.charAt(at))
        skipped = end
      }
      return codes
    },
  }

  function encodeOneByOne(text: string): Uint8Array {
    const codes: number[] = []
    for (let index = 0; index < text.length;) {
      const { letters, end } = read(text, index)
      for (const letter of letters) codes.push(letterCode(letter))
      index = end
    }
    return Uint8Array.from(codes)
  }
}

/** Fills in the code of every unit and says where there is none. */
function lookUp(table: Uint8Array, source: Uint16Array, codes: Uint8Array): number[] {
  const asked: number[] = []
  for (let index = 0; index < source.length; index += 1) {
    const code = table[source[index] ?? 0] ?? NO_LETTER
    codes[index] = code
    if (code >= ASK) asked.push(index)
  }
  return asked
}

/** There are a million of them an attacker could send. */
function astralLetters(known: Map<number, string>, codePoint: number): string {
  const remembered = known.get(codePoint)
  if (remembered !== undefined) return remembered
  const letters = lettersOf(String.fromCodePoint(codePoint))
  if (known.size < REMEMBERED) known.set(codePoint, letters)
  return letters
}
