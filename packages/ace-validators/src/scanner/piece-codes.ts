import { codeUnits } from '../unicode/code-units.ts'
import { NONE, type CodeBook } from './code-book.ts'

/** Marks that compose with no mark and fold to none; the form in which they stand among each other changes nothing. */
const MAY_BE_INERT = /^[[\p{Mn}\p{Me}\uff9e\uff9f]--[\p{Default_Ignorable_Code_Point}\u0345]]$/v
const UNKNOWN = 0
/** UTF-16 units of new pieces learnt from one text; looking at one costs as much as scanning a hundred. */
const LEARNT = 32_768
/** What a piece costs whatever its length. */
const PIECE = 16
/** UTF-16 units of pieces remembered. */
const REMEMBERED = 1 << 20
/** Of a piece that ends with more inert marks of one code these units are read: more than what takes part in normalisation. */
const LONGEST_TAIL = 256

export interface PieceCodes {
  /** The codes of the pieces of one text; `NONE` as well when it has more new ones than are learnt at a time. */
  forText(): (piece: string) => number
}

/** Codes of characters together with the marks they compose with. */
export function createPieceCodes(book: CodeBook): PieceCodes {
  const codes = new Map<string, number>()
  let remembered = 0
  /** By UTF-16 unit: the code of an inert mark when it stands alone, or `NONE`. */
  const inertMarks = new Uint16Array(0x10000)

  /** Without most of the marks that it ends with, when they are read alike: more of them show nothing new. */
  function withoutTail(piece: string): string {
    if (piece.length <= LONGEST_TAIL) return piece
    const units = codeUnits(piece)
    const code = inertCodeOf(units.at(-1))
    let tail = units.length
    while (code !== NONE && tail > 0 && inertCodeOf(units[tail - 1]) === code) tail -= 1
    return piece.slice(0, tail + LONGEST_TAIL)
  }

  function inertCodeOf(unit = 0): number {
    if (inertMarks[unit] === UNKNOWN) {
      const character = String.fromCharCode(unit)
      inertMarks[unit] = MAY_BE_INERT.test(character) ? book.inertCodeOf(character) : NONE
    }
    return inertMarks[unit] ?? NONE
  }

  return {
    forText() {
      let learnt = 0
      return (whole) => {
        const piece = withoutTail(whole)
        const known = codes.get(piece)
        if (known !== undefined) return known
        learnt += PIECE + piece.length
        remembered += piece.length
        if (learnt > LEARNT || remembered > REMEMBERED) return NONE
        const code = book.codeOf(piece)
        codes.set(piece, code)
        return code
      }
    },
  }
}
