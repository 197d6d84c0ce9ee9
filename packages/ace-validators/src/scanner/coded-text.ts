import { codeUnits } from '../unicode/code-units.ts'
import type { CodedImages } from './automaton.ts'
import type { ViewPatterns } from './patterns.ts'
import { transform } from './views.ts'

// Computing eight views of a text costs far more than looking through it. Almost every character looks the same in a view
// whatever stands beside it, so its image can be looked up: the text becomes one code for each character, and a view is a
// table from codes to what the automaton reads. Marks and the few letters that compose are the exception; a text with one
// of them goes through the views themselves. Variation selectors are marks that neither compose nor change place.

const COMPOSES = /[[\p{M}\u1160-\u11ff\u{16d63}\u{16d67}\u0e33\u0eb3\uff9e\uff9f]--[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]]/v
const ASCII = 128
const CODES = 256
const UNKNOWN = 0
/** No code: the character composes, or there are more kinds of characters than codes. */
const NONE = 1
/** New characters learnt from one text; looking at one costs as much as scanning a thousand. */
const LEARNT = 2000
/** Astral characters remembered; there are a million an attacker could send. */
const REMEMBERED = 32_768

export interface CodedText {
  readonly codes: Uint8Array
  /** True when no character of the text looks otherwise in this view than in an earlier one with the same patterns. */
  isRepetition(view: number): boolean
}

export interface Coder {
  /** Undefined when the text must be looked at through the views themselves. */
  encode(text: string): CodedText | undefined
  readonly images: readonly CodedImages[]
}

/** Codes for the characters a set of views cannot tell apart from each other, made up as texts bring them. */
export function createCoder(views: readonly ViewPatterns[]): Coder {
  const images = views.map((): { single: Int16Array; sequences: number[][] } => ({
    single: new Int16Array(CODES),
    sequences: Array.from({ length: CODES }, () => []),
  }))
  /** The first view with the automaton of each view: two that read a character alike need not both be asked. */
  const leaders = views.map(({ automaton }) => views.findIndex((other) => other.automaton === automaton))
  /** Bit `n` of a code: view `n` and its leader read it differently. */
  const differing = new Uint32Array(CODES)
  const units = new Uint8Array(0x10000)
  const astral = new Map<number, number>()
  const byImages = new Map<string, number>()
  let used = ASCII

  function define(code: number, character: string): void {
    const sequences = views.map(({ view, automaton }) => automaton.classesOf(transform(view, character)))
    for (const [index, sequence] of sequences.entries()) {
      const [only = -1] = sequence
      const image = images[index]
      if (image === undefined) continue
      image.single[code] = sequence.length === 1 ? only : -1
      image.sequences[code] = sequence
      const leader = sequences[leaders[index] ?? index] ?? []
      if (sequence.join() !== leader.join()) differing[code] = (differing[code] ?? 0) | (1 << index)
    }
  }

  function codeOf(character: string): number {
    if (COMPOSES.test(character)) return NONE
    const key = JSON.stringify(views.map(({ view, automaton }) => automaton.classesOf(transform(view, character))))
    const known = byImages.get(key)
    if (known !== undefined) return known
    if (used === CODES) return NONE
    const code = used
    used += 1
    define(code, character)
    byImages.set(key, code)
    return code
  }

  for (let code = 0; code < ASCII; code += 1) define(code, String.fromCharCode(code))

  return {
    images,
    encode(text) {
      const source = codeUnits(text)
      const codes = new Uint8Array(source.length)
      let length = 0
      let differs = 0
      let learnt = 0
      for (let index = 0; index < source.length; index += 1) {
        let code = source[index] ?? 0
        if (code >= ASCII) {
          const codePoint = text.codePointAt(index) ?? code
          code = codePoint > 0xffff ? (astral.get(codePoint) ?? UNKNOWN) : (units[codePoint] ?? UNKNOWN)
          if (code === UNKNOWN) {
            learnt += 1
            if (learnt > LEARNT || astral.size === REMEMBERED) return undefined
            code = codeOf(String.fromCodePoint(codePoint))
            if (codePoint > 0xffff) astral.set(codePoint, code)
            else units[codePoint] = code
          }
          if (code === NONE) return undefined
          if (codePoint > 0xffff) index += 1
        }
        codes[length] = code
        length += 1
        differs |= differing[code] ?? 0
      }
      return {
        codes: codes.subarray(0, length),
        isRepetition: (view) => leaders[view] !== view && (differs & (1 << view)) === 0,
      }
    },
  }
}
