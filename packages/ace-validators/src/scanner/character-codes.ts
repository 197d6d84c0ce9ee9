import { ASCII, NONE, type CodeBook } from './code-book.ts'

const COMPOSES = /[[\p{M}\u1160-\u11ff\u{16d63}\u{16d67}\u0e33\u0eb3\uff9e\uff9f]--[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]]/v
const UNKNOWN = 0
/** No code of its own: the character composes. */
export const COMPOSED = 2
/** New characters learnt from one text: as many as a plane has. */
const MOST_NEW = 1 << 16
/** New characters that are looked at together. */
const BATCH = 4096

export interface CharacterCodes {
  /** By code point beyond ASCII that was learnt: a code, `NONE` or `COMPOSED`. */
  readonly byCodePoint: Uint16Array
  /** Learns what is new in a text; false when there is more than is learnt at a time. */
  learnFrom(text: string, units: Uint16Array): boolean
}

export function createCharacterCodes(book: CodeBook): CharacterCodes {
  const byCodePoint = new Uint16Array(0x110000)

  function learn(codePoints: readonly number[]): void {
    const codes = book.codesOf(codePoints.map((codePoint) => String.fromCodePoint(codePoint)))
    for (const [number, code] of codes.entries()) byCodePoint[codePoints[number] ?? 0] = code
  }

  return {
    byCodePoint,
    learnFrom(text, units) {
      let batch: number[] = []
      let learnt = 0
      for (let index = 0; index < units.length; index += 1) {
        const unit = units[index] ?? 0
        if (unit < ASCII) continue
        const codePoint = text.codePointAt(index) ?? unit
        if (codePoint > 0xffff) index += 1
        if (byCodePoint[codePoint] !== UNKNOWN) continue
        const composes = COMPOSES.test(String.fromCodePoint(codePoint))
        byCodePoint[codePoint] = composes ? COMPOSED : NONE
        if (!composes) batch.push(codePoint)
        if (batch.length < BATCH) continue
        learn(batch)
        learnt += BATCH
        if (learnt === MOST_NEW) return false
        batch = []
      }
      if (batch.length > 0) learn(batch)
      return true
    },
  }
}
