import { borrowedAscii, isAscii } from '../unicode/ascii.ts'
import { codePointLength } from '../unicode/code-points.ts'
import { codeUnits } from '../unicode/code-units.ts'
import type { CodeTable } from './automaton.ts'
import type { Effect } from './effects.ts'
import type { ViewPatterns } from './patterns.ts'
import { reaches, type Codes, type SearchTable } from './reaches.ts'
import { pieceAround } from './segments.ts'
import { imagesOf } from './views.ts'

// Computing eight views of a text costs far more than looking through it. Almost every character looks the same in a view
// whatever stands beside it, so its image can be looked up: the text becomes one code for each character, and a view is a
// table of codes. Marks and the few letters that compose are the exception; together with what they stand beside they have one
// code, and a text with many kinds of them goes through the views themselves. Variation selectors are marks that neither
// compose nor change place.

const COMPOSES = /[[\p{M}\u1160-\u11ff\u{16d63}\u{16d67}\u0e33\u0eb3\uff9e\uff9f]--[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]]/v
const ASCII = 128
const CODES = 512
const UNKNOWN = 0
/** No code: there are more kinds of characters than codes. */
const NONE = 1
/** No code of its own: the character composes. */
const COMPOSED = 2
/** Marks that compose with no mark and fold to none; the form in which they stand among each other changes nothing. */
const DULL = /^[[\p{Mn}\p{Me}\uff9e\uff9f]--[\p{Default_Ignorable_Code_Point}\u0345]]$/v
/** UTF-16 units of new pieces learnt from one text; looking at one costs as much as scanning a hundred. */
const LEARNT = 32_768
/** What a piece costs whatever its length. */
const PIECE = 16
/** UTF-16 units of pieces remembered. */
const REMEMBERED = 1 << 20
/** Of a piece that ends with more dull marks of one code these units are read: more than what takes part in normalisation. */
const LONGEST_TAIL = 256
/** New characters learnt from one text: as many as a plane has. */
const MOST_NEW = 1 << 16
/** New characters that are looked at together, which is thirty times as fast as one by one. */
const BATCH = 4096
/** No view joins it with a character or makes one into it. */
const SEPARATOR = '\n'

/** What a text does to the search of each view. */
type Reading = readonly (Effect | undefined)[]

export interface CodedText {
  /** Whether characters change their neighbours, so that `View.within` does not hold. */
  readonly composes: boolean
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
  /** What each code in use does to the search of each view. */
  const readings: (readonly Effect[])[] = []
  const codesByReading = new Map<string, number>()
  /** By code point. */
  const characters = new Uint16Array(0x110000)
  const pieces = new Map<string, number>()
  let remembered = 0
  /** By UTF-16 unit: the code of a dull mark when it stands alone, or NONE. */
  const dullUnits = new Uint16Array(0x10000)

  /** What a text does to the search of each view. */
  function read(text: string): Reading {
    const image = imagesOf(text)
    return views.map(({ view, automaton }) => automaton.effectOf(image(view)))
  }

  /** The same for characters that do not compose and are no separators. */
  function readAll(characters: readonly string[]): Reading[] {
    const image = imagesOf(characters.join(SEPARATOR))
    const effects = views.map(({ view, automaton }) => image(view).split(SEPARATOR).map(automaton.effectOf))
    return characters.map((_, number) => effects.map((ofView) => ofView[number]))
  }

  function learn(codePoints: readonly number[]): void {
    const readings = readAll(codePoints.map((codePoint) => String.fromCodePoint(codePoint)))
    for (const [number, reading] of readings.entries()) characters[codePoints[number] ?? 0] = codeOf(reading)
  }

  /** Learns what is new in a text; false when there is more than is learnt at a time. */
  function learnFrom(text: string, source: Uint16Array): boolean {
    let batch: number[] = []
    let learnt = 0
    for (let index = 0; index < source.length; index += 1) {
      const unit = source[index] ?? 0
      if (unit < ASCII) continue
      const codePoint = text.codePointAt(index) ?? unit
      if (codePoint > 0xffff) index += 1
      if (characters[codePoint] !== UNKNOWN) continue
      const composes = COMPOSES.test(String.fromCodePoint(codePoint))
      characters[codePoint] = composes ? COMPOSED : NONE
      if (!composes) batch.push(codePoint)
      if (batch.length < BATCH) continue
      learn(batch)
      learnt += BATCH
      if (learnt === MOST_NEW) return false
      batch = []
    }
    if (batch.length > 0) learn(batch)
    return true
  }

  function define(reading: readonly Effect[]): number {
    const code = readings.push(reading) - 1
    for (const [view, effect] of reading.entries()) {
      tables.get(view)?.define(code, effect)
      if (effect !== reading[leaders[view] ?? view]) differing[code] = (differing[code] ?? 0) | (1 << view)
    }
    return code
  }

  function codeOf(reading: Reading): number {
    const key = keyOf(reading)
    const known = codesByReading.get(key)
    if (known !== undefined) return known
    const effects = reading.filter((effect) => effect !== undefined)
    const code = readings.length === CODES || effects.length < reading.length ? NONE : define(effects)
    codesByReading.set(key, code)
    return code
  }

  /** Tables are large and most views are never asked. */
  function searchOf(view: number, { automaton }: ViewPatterns): SearchTable {
    const known = tables.get(view)
    if (known) return known.search
    const table = automaton.codeTable()
    for (const [code, reading] of readings.entries()) {
      const effect = reading[view]
      if (effect) table.define(code, effect)
    }
    tables.set(view, table)
    return table.search
  }

  for (let code = 0; code < ASCII; code += 1) {
    const reading = read(String.fromCharCode(code))
    define(reading.filter((effect) => effect !== undefined))
    if (code > COMPOSED) codesByReading.set(keyOf(reading), code)
  }

  return {
    encode(text) {
      // ASCII characters are their own codes.
      return isAscii(text) ? coded(() => borrowedAscii(text), false) : encodeCharacters(text)
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
    if (!learnFrom(text, source)) return undefined
    const codes = new Uint16Array(source.length)
    let length = 0
    let learnt = 0
    let composes = false
    for (let index = 0; index < source.length; index += 1) {
      let code = source[index] ?? 0
      if (code >= ASCII) {
        const codePoint = text.codePointAt(index) ?? code
        code = characters[codePoint] ?? NONE
        if (code === COMPOSED) {
          composes = true
          const { start, end } = pieceAround(text, index)
          // What stands before it in the piece has its codes already.
          length -= codePointLength(text.slice(start, index))
          const piece = withoutTail(text.slice(start, end))
          const known = pieces.get(piece)
          if (known === undefined) {
            learnt += PIECE + piece.length
            remembered += piece.length
            if (learnt > LEARNT || remembered > REMEMBERED) return undefined
          }
          code = known ?? codeOf(read(piece))
          pieces.set(piece, code)
          index = end - 1
        } else if (codePoint > 0xffff) index += 1
        if (code === NONE) return undefined
      }
      codes[length] = code
      length += 1
    }
    return coded(() => codes.subarray(0, length), composes)
  }

  /** Without most of the marks that it ends with, when they are read alike: more of them show nothing new. */
  function withoutTail(piece: string): string {
    if (piece.length <= LONGEST_TAIL) return piece
    const units = codeUnits(piece)
    const code = dullCodeOf(units.at(-1))
    let tail = units.length
    while (code !== NONE && tail > 0 && dullCodeOf(units[tail - 1]) === code) tail -= 1
    return piece.slice(0, tail + LONGEST_TAIL)
  }

  function dullCodeOf(unit = 0): number {
    if (dullUnits[unit] === UNKNOWN) {
      const character = String.fromCharCode(unit)
      const reading = DULL.test(character) ? read(character) : [undefined]
      dullUnits[unit] = reading.every((effect) => effect?.isDull) ? codeOf(reading) : NONE
    }
    return dullUnits[unit] ?? NONE
  }

  function coded(codes: () => Codes, composes: boolean): CodedText {
    let differs: number | undefined
    const repeats = (view: number): boolean =>
      leaders[view] !== view && ((differs ??= differences(codes())) & (1 << view)) === 0
    return { composes, shows: (number, view) => !repeats(number) && reaches(searchOf(number, view), codes()) }
  }

  /** Bit `n`: view `n` reads one of the codes in another way than its leader. */
  function differences(codes: Codes): number {
    let differs = 0
    for (let index = 0; index < codes.length; index += 1) differs |= differing[codes[index] ?? 0] ?? 0
    return differs
  }
}

function keyOf(reading: Reading): string {
  return reading.map((effect) => effect?.number).join()
}
