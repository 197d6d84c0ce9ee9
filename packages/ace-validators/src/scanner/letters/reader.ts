import { createKeptBytes } from '../../unicode/kept-bytes.ts'
import { lettersAt } from './readings.ts'

const NO_LETTER = 0
/** Codes from here on are no letters: what stands there has to be read. */
const ASK = 0x80
const UNKNOWN = 0xff
const ANY_ASK = 0x80808080
/** Of one character. */
const MOST_LETTERS = 3
const keptBytes = createKeptBytes()

/** What stands at one place of a text: `letters` may be none, `end` lies behind it. */
export interface Read {
  readonly letters: string
  readonly end: number
}

/** What begins at a place of a text; asked about places in rising order. */
export type Reading = (index: number) => Read

/** What is longer than one character: tags, groups of strokes. */
export interface Special {
  /** The two characters it may begin with; global. */
  readonly beginning: RegExp
  /** What it is read as. */
  readonly reading: (text: string) => (index: number) => Read | undefined
}

/** Nothing but letters is read as a letter. */
export const PLAIN: ReadonlyMap<string, string> = new Map()

/** One way to read the letters of a text. */
export interface Reader {
  readonly viewId: string
  /** Characters that are read as another letter than usual. */
  readonly others: ReadonlyMap<string, string>
  reading(text: string): Reading
  /**
   * The letters of a text in ASCII, with zeros between them. An ASCII text is given as its bytes and stays as it is but for what is
   * longer than a character; any other is given as its UTF-16 units. What comes out lasts until the next call.
   */
  encode(text: string, source: Uint8Array | Uint16Array): Uint8Array
}

export interface ReaderOptions {
  readonly others?: ReadonlyMap<string, string>
  readonly special?: Special
}

/** Reads character by character, unless something longer begins there. */
export function createReader(viewId: string, { others = PLAIN, special }: ReaderOptions = {}): Reader {
  /** What every unit is on its own, as far as it was met. */
  const units = new Uint8Array(0x10000).fill(UNKNOWN)
  units.fill(ASK, 0xd800, 0xe000)
  for (const [character, letter] of others) units[character.charCodeAt(0)] = codeAt(letter, 0)

  function reading(text: string): Reading {
    if (special === undefined) return (index) => readCharacter(text, index)
    const specialAt = special.reading(text)
    let next = -1
    return (index) => {
      if (next < index) next = nextBeginning(special, text, index)
      return (next === index ? specialAt(index) : undefined) ?? readCharacter(text, index)
    }
  }

  function readCharacter(text: string, index: number): Read {
    const unit = text.charCodeAt(index)
    const code = units[unit] ?? NO_LETTER
    if (code < ASK) return { letters: code === NO_LETTER ? '' : String.fromCharCode(code), end: index + 1 }
    const codePoint = text.codePointAt(index) ?? unit
    return { letters: learn(codePoint), end: index + (codePoint > 0xffff ? 2 : 1) }
  }

  function learn(codePoint: number): string {
    const letters = lettersAt(codePoint)
    if (units[codePoint] === UNKNOWN) units[codePoint] = letters.length > 1 ? ASK : codeAt(letters, 0)
    return letters
  }

  /** Undefined when there are ligatures: they have more letters than units. */
  function encodeCharacters(text: string, source: Uint16Array): Uint8Array | undefined {
    // Four codes at a time are asked whether one of them is ASK or more.
    const words = new Uint32Array((source.length + 3) >> 2)
    const codes = new Uint8Array(words.buffer, 0, source.length)
    if (lookUp(units, source, codes) < ASK) return codes
    for (let word = 0; word < words.length; word += 1) {
      if (((words[word] ?? 0) & ANY_ASK) === 0) continue
      for (let index = word * 4; index < Math.min(word * 4 + 4, codes.length); index += 1) {
        if ((codes[index] ?? 0) < ASK) continue
        const codePoint = text.codePointAt(index) ?? 0
        const letters = learn(codePoint)
        const length = codePoint > 0xffff ? 2 : 1
        if (letters.length > length) return undefined
        codes[index] = codeAt(letters, 0)
        if (length === 2) codes[index + 1] = codeAt(letters, 1)
      }
    }
    return codes
  }

  function encodeOneByOne(text: string): Uint8Array {
    const read = reading(text)
    const codes = new Uint8Array(text.length * MOST_LETTERS)
    let length = 0
    for (let index = 0; index < text.length;) {
      const { letters, end } = read(index)
      for (let at = 0; at < letters.length; at += 1) codes[length + at] = letters.charCodeAt(at)
      length += letters.length
      index = end
    }
    return codes.subarray(0, length)
  }

  return {
    viewId,
    others,
    reading,
    encode(text, source) {
      let codes = source instanceof Uint8Array ? source : encodeCharacters(text, source)
      if (codes === undefined) return encodeOneByOne(text)
      if (special === undefined) return codes
      const specialAt = special.reading(text)
      for (let index = nextBeginning(special, text, 0); index < text.length;) {
        const read = specialAt(index)
        if (read) {
          if (codes === source) codes = copied(codes)
          put(codes, index, read)
        }
        index = nextBeginning(special, text, read?.end ?? index + 1)
      }
      return codes
    },
  }
}

/** The first place from `index` on where something may begin, or infinity. */
function nextBeginning({ beginning }: Special, text: string, index: number): number {
  beginning.lastIndex = index
  return beginning.test(text) ? beginning.lastIndex - 2 : Infinity
}

/** The letter at a place of a few letters, or none. */
function codeAt(letters: string, at: number): number {
  return at < letters.length ? letters.charCodeAt(at) : NO_LETTER
}

function put(codes: Uint8Array, start: number, { letters, end }: Read): void {
  for (let index = start; index < end; index += 1) codes[index] = codeAt(letters, index - start)
}

function copied(codes: Uint8Array): Uint8Array {
  const copy = keptBytes(codes.length)
  copy.set(codes)
  return copy
}

/** Fills in the code of every unit; at least ASK when one of them has none. Deciding nothing on the way makes it twice as fast. */
function lookUp(table: Uint8Array, source: Uint8Array | Uint16Array, codes: Uint8Array): number {
  let seen = 0
  for (let index = 0; index < source.length; index += 1) {
    const code = table[source[index] ?? 0] ?? NO_LETTER
    codes[index] = code
    seen |= code
  }
  return seen
}
