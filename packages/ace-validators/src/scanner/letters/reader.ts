import { letterCode, letterOf } from './letter-automaton.ts'
import { lettersOf } from './readings.ts'

const NO_LETTER = 0
/** Codes from here on are no letter codes: `read` has to be asked. */
const ASK = 0x80
const UNKNOWN = 0xff
const ANY_ASK = 0x80808080
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
  /** What every unit is on its own, as far as it was met. */
  const plain = new Uint8Array(0x10000).fill(UNKNOWN)
  const astral = new Map<number, string>()
  plain.fill(ASK, 0xd800, 0xe000)
  for (const [character, letter] of own) plain[character.charCodeAt(0)] = letterCode(letter)
  /** The same, but that something longer may begin there. */
  const units = Uint8Array.from(plain)
  const isBeginning = new Uint8Array(0x10000)
  for (const character of beginnings) {
    units[character.charCodeAt(0)] = ASK
    isBeginning[character.charCodeAt(0)] = 1
  }

  function read(text: string, index: number): Read {
    const unit = text.charCodeAt(index)
    const begun = isBeginning[unit] === 1 ? special?.(text, index) : undefined
    if (begun) return begun
    const code = plain[unit] ?? NO_LETTER
    if (code < ASK) return { letters: code === NO_LETTER ? '' : letterOf(code), end: index + 1 }
    const codePoint = text.codePointAt(index) ?? unit
    if (codePoint > 0xffff) return { letters: astralLetters(astral, codePoint), end: index + 2 }
    const letters = lettersOf(text.charAt(index))
    if (code === UNKNOWN) {
      plain[unit] = letters === '' ? NO_LETTER : letters.length === 1 ? letterCode(letters) : ASK
      if (isBeginning[unit] === 0) units[unit] = plain[unit]
    }
    return { letters, end: index + 1 }
  }

  return {
    viewId,
    read,
    encode(text, source) {
      // Four codes at a time are asked whether one of them is ASK or more.
      const words = new Uint32Array((source.length + 3) >> 2)
      const codes = new Uint8Array(words.buffer, 0, source.length)
      if (lookUp(units, source, codes) < ASK) return codes
      let done = 0
      for (let word = 0; word < words.length; word += 1) {
        if (((words[word] ?? 0) & ANY_ASK) === 0) continue
        for (let index = Math.max(done, word * 4); index < Math.min(word * 4 + 4, codes.length); index += 1) {
          if ((codes[index] ?? 0) < ASK) continue
          const { letters, end } = read(text, index)
          // Ligatures have more letters than units. They are rare.
          if (letters.length > end - index) return encodeOneByOne(text)
          for (let at = 0; at < end - index; at += 1)
            codes[index + at] = at < letters.length ? letterCode(letters.charAt(at)) : NO_LETTER
          done = end
          index = end - 1
        }
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

/** Fills in the code of every unit; at least ASK when one of them has none. Deciding nothing on the way makes it twice as fast. */
function lookUp(table: Uint8Array, source: Uint16Array, codes: Uint8Array): number {
  let seen = 0
  for (let index = 0; index < source.length; index += 1) {
    const code = table[source[index] ?? 0] ?? NO_LETTER
    codes[index] = code
    seen |= code
  }
  return seen
}

/** There are a million of them an attacker could send. */
function astralLetters(known: Map<number, string>, codePoint: number): string {
  const remembered = known.get(codePoint)
  if (remembered !== undefined) return remembered
  const letters = lettersOf(String.fromCodePoint(codePoint))
  if (known.size < REMEMBERED) known.set(codePoint, letters)
  return letters
}
