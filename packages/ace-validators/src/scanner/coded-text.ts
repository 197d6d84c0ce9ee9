import { borrowedAscii, isAscii } from '../unicode/ascii.ts'
import { codePointLength } from '../unicode/code-points.ts'
import { codeUnits } from '../unicode/code-units.ts'
import { COMPOSED, createCharacterCodes } from './character-codes.ts'
import { ASCII, createCodeBook, NONE } from './code-book.ts'
import type { ViewPatterns } from './patterns.ts'
import { createPieceCodes } from './piece-codes.ts'
import { reaches, type Codes, type SearchTable } from './reaches.ts'
import { pieceAround } from './segments.ts'

// Computing eight views of a text costs far more than looking through it. Almost every character looks the same in a view
// whatever stands beside it, so its image can be looked up: the text becomes one code for each character, and a view is a
// table of codes. Marks and the few letters that compose are the exception; together with what they stand beside they have one
// code, and a text with many kinds of them goes through the views themselves. Variation selectors are marks that neither
// compose nor change place.

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

/** Writes texts as codes for the characters a set of views cannot tell apart. */
export function createCoder(views: readonly ViewPatterns[]): Coder {
  const book = createCodeBook(views)
  const characters = createCharacterCodes(book)
  const pieces = createPieceCodes(book)

  return {
    encode(text) {
      // ASCII characters are their own codes.
      return isAscii(text) ? coded(() => borrowedAscii(text), false) : encodeCharacters(text)
    },
    searchesFor(codes) {
      const isRepeated = book.repeated(() => Uint8Array.from(codes))
      return views.flatMap((view, number) => (isRepeated(number) ? [] : [book.searchOf(number, view)]))
    },
  }

  function encodeCharacters(text: string): CodedText | undefined {
    const units = codeUnits(text)
    if (!characters.learnFrom(text, units)) return undefined
    const { byCodePoint } = characters
    const codeOfPiece = pieces.forText()
    const codes = new Uint16Array(units.length)
    let length = 0
    let composes = false
    for (let index = 0; index < units.length; index += 1) {
      let code = units[index] ?? 0
      if (code >= ASCII) {
        const codePoint = text.codePointAt(index) ?? code
        code = byCodePoint[codePoint] ?? NONE
        if (code === COMPOSED) {
          composes = true
          const { start, end } = pieceAround(text, index)
          // What stands before it in the piece has its codes already.
          length -= codePointLength(text.slice(start, index))
          code = codeOfPiece(text.slice(start, end))
          index = end - 1
        } else if (codePoint > 0xffff) index += 1
        if (code === NONE) return undefined
      }
      codes[length] = code
      length += 1
    }
    return coded(() => codes.subarray(0, length), composes)
  }

  function coded(codes: () => Codes, composes: boolean): CodedText {
    const isRepeated = book.repeated(codes)
    return {
      composes,
      shows: (number, view) => !isRepeated(number) && reaches(book.searchOf(number, view), codes()),
    }
  }
}
