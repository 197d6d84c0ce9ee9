import { borrowedAscii, isAscii } from '../unicode/ascii.ts'
import { codePointLength } from '../unicode/code-points.ts'
import { codeUnits } from '../unicode/code-units.ts'
import type { CodeTable } from './automaton.ts'
import type { ViewPatterns } from './patterns.ts'
import { reaches, type SearchTable } from './reaches.ts'
import { pieceAround } from './segments.ts'
import { transform } from './views.ts'

// Computing eight views of a text costs far more than looking through it. Almost every character looks the same in a view
// whatever stands beside it, so its image can be looked up: the text becomes one code for each character, and a view is a
// table of codes. Marks and the few letters that compose are the exception; together with what they stand beside they have one
// code, and a text with many of them in a row goes through the views themselves. Variation selectors are marks that neither
// compose nor change place.

const COMPOSES = /[[\p{M}\u1160-\u11ff\u{16d63}\u{16d67}\u0e33\u0eb3\uff9e\uff9f]--[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]]/v
const ASCII = 128
const CODES = 256
const UNKNOWN = 0
/** No code: there are more kinds of characters than codes. */
const NONE = 1
/** No code of its own: the character composes. */
const COMPOSED = 2
/** UTF-16 units of characters that compose and have one code together. */
const LONGEST_PIECE = 16
/** New characters learnt from one text; looking at one costs as much as scanning a thousand. */
const LEARNT = 2000
/** Astral characters remembered, and pieces; there are a million an attacker could send. */
const REMEMBERED = 32_768

export interface CodedText {
  /** Whether a view shows a pattern; `number` is its place among the views. */
  shows(number: number, view: ViewPatterns): boolean
}

export interface Coder {
  /** Undefined when the text must be looked at through the views themselves. */
  encode(text: string): CodedText | undefined
  /** The searches that show together whether any view shows a pattern in a text of the given ASCII codes. */
  searchesFor(codes: readonly number[]): SearchTable[]
}

/** Codes for the characters a set of views cannot tell apart, made up as texts bring them. */
export function createCoder(views: readonly ViewPatterns[]): Coder {
  /** The first view with the same automaton: of two that read every character of a text alike, one need not be asked. */
  const leaders = views.map(({ automaton }) => views.findIndex((other) => other.automaton === automaton))
  /** Bit `n` of a code: view `n` and its leader read it differently. */
  const differing = new Uint32Array(CODES)
  const tables = new Map<number, CodeTable>()
  /** What each view reads for each code in use. */
  const readings: (readonly (readonly number[])[])[] = []
  const codesByReading = new Map<string, number>()
  const units = new Uint8Array(0x10000)
  const astral = new Map<number, number>()
  const pieces = new Map<string, number>()

  function read(character: string): readonly (readonly number[])[] {
    return views.map(({ view, automaton }) => automaton.classesOf(transform(view, character)))
  }

  function define(reading: readonly (readonly number[])[]): number {
    const code = readings.push(reading) - 1
    for (const [view, classes] of reading.entries()) {
      tables.get(view)?.define(code, classes)
      const leader = reading[leaders[view] ?? view] ?? []
      if (classes.join() !== leader.join()) differing[code] = (differing[code] ?? 0) | (1 << view)
    }
    return code
  }

  function codeOf(character: string): number {
    const reading = read(character)
    const key = JSON.stringify(reading)
    const known = codesByReading.get(key)
    if (known !== undefined) return known
    const code = readings.length === CODES ? NONE : define(reading)
    codesByReading.set(key, code)
    return code
  }

  /** Tables are large and most views are never asked. */
  function searchOf(view: number, { automaton }: ViewPatterns): SearchTable {
    const known = tables.get(view)
    if (known) return known.search
    const table = automaton.codeTable()
    for (const [code, reading] of readings.entries()) table.define(code, reading[view] ?? [])
    tables.set(view, table)
    return table.search
  }

  for (let code = 0; code < ASCII; code += 1) define(read(String.fromCharCode(code)))

  return {
    encode(text) {
      // ASCII characters are their own codes.
      return isAscii(text) ? coded(() => borrowedAscii(text)) : encodeCharacters(text)
    },
    searchesFor(codes) {
      const differs = differences(Uint8Array.from(codes))
      return views.flatMap((view, number) =>
        leaders[number] === number || (differs & (1 << number)) !== 0 ? [searchOf(number, view)] : [],
      )
    },
  }

  function encodeCharacters(text: string): CodedText | undefined {
    const source = codeUnits(text)
    const codes = new Uint8Array(source.length)
    let length = 0
    let learnt = 0
    for (let index = 0; index < source.length; index += 1) {
      let code = source[index] ?? 0
      if (code >= ASCII) {
        const codePoint = text.codePointAt(index) ?? code
        code = codePoint > 0xffff ? (astral.get(codePoint) ?? UNKNOWN) : (units[codePoint] ?? UNKNOWN)
        if (code === UNKNOWN) {
          learnt += 1
          if (learnt > LEARNT || astral.size === REMEMBERED) return undefined
          const character = String.fromCodePoint(codePoint)
          code = COMPOSES.test(character) ? COMPOSED : codeOf(character)
          if (codePoint > 0xffff) astral.set(codePoint, code)
          else units[codePoint] = code
        }
        if (code === COMPOSED) {
          const { start, end } = pieceAround(text, index)
          if (end - start > LONGEST_PIECE) return undefined
          // What stands before it in the piece has its codes already.
          length -= codePointLength(text.slice(start, index))
          const piece = text.slice(start, end)
          const known = pieces.get(piece)
          if (known === undefined) {
            learnt += 1
            if (learnt > LEARNT || pieces.size === REMEMBERED) return undefined
          }
          code = known ?? codeOf(piece)
          pieces.set(piece, code)
          index = end - 1
        } else if (codePoint > 0xffff) index += 1
        if (code === NONE) return undefined
      }
      codes[length] = code
      length += 1
    }
    return coded(() => codes.subarray(0, length))
  }

  function coded(codes: () => Uint8Array): CodedText {
    let differs: number | undefined
    const repeats = (view: number): boolean =>
      leaders[view] !== view && ((differs ??= differences(codes())) & (1 << view)) === 0
    return { shows: (number, view) => !repeats(number) && reaches(searchOf(number, view), codes()) }
  }

  /** Bit `n`: view `n` reads one of the codes in another way than its leader. */
  function differences(codes: Uint8Array): number {
    let differs = 0
    for (let index = 0; index < codes.length; index += 1) differs |= differing[codes[index] ?? 0] ?? 0
    return differs
  }
}
