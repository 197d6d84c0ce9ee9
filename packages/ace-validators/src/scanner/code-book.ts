import type { CodeTable } from './automaton.ts'
import type { Effect } from './effects.ts'
import type { ViewPatterns } from './patterns.ts'
import type { Codes, SearchTable } from './reaches.ts'
import { imagesOf } from './views.ts'

/** Characters of ASCII are their own codes. */
export const ASCII = 128
const CODES = 512
/** No code: there are more kinds of characters than codes. */
export const NONE = 1
/** The first codes are those of control characters and of no other text, so that tables can hold `NONE` and its like. */
const RESERVED = 3
/** No view joins it with a character or makes one into it. */
const SEPARATOR = '\n'

/** What a text does to the search of each view. */
type Effects = readonly (Effect | undefined)[]

/** Codes for the texts that a set of views cannot tell apart, given out as they come. */
export interface CodeBook {
  /** The code of a text that is looked at by itself, or `NONE`. */
  codeOf(text: string): number
  /** The same for many characters that do not compose and are no separators: together they take a thirtieth of the time. */
  codesOf(characters: readonly string[]): number[]
  /** The code of a text after which more of the same changes nothing in any view, or `NONE`. */
  inertCodeOf(text: string): number
  /** The search of a view over codes; its table is large and most views are never asked. */
  searchOf(view: number, patterns: ViewPatterns): SearchTable
  /** Says of a view whether it shows nothing in a text of these codes that no view before it shows. Codes may be borrowed. */
  repeated(codes: () => Codes): (view: number) => boolean
}

export function createCodeBook(views: readonly ViewPatterns[]): CodeBook {
  /** The first view with the same automaton: of two that read every character of a text alike, one need not be asked. */
  const firstAlike = views.map(({ automaton }) => views.findIndex((other) => other.automaton === automaton))
  /** Bit `n` of a code: view `n` and the first one like it read it differently. */
  const differing = new Uint32Array(CODES)
  const tables = new Map<number, CodeTable>()
  /** By code in use. */
  const effectsByCode: (readonly Effect[])[] = []
  const codesByEffects = new Map<string, number>()

  for (let code = 0; code < ASCII; code += 1) {
    const effects = effectsOf(String.fromCharCode(code))
    define(effects.filter((effect) => effect !== undefined))
    if (code >= RESERVED) codesByEffects.set(keyOf(effects), code)
  }

  function effectsOf(text: string): Effects {
    const image = imagesOf(text)
    return views.map(({ view, automaton }) => automaton.effectOf(image(view)))
  }

  function codeFor(effects: Effects): number {
    const key = keyOf(effects)
    const known = codesByEffects.get(key)
    if (known !== undefined) return known
    const found = effects.filter((effect) => effect !== undefined)
    const code = effectsByCode.length === CODES || found.length < effects.length ? NONE : define(found)
    codesByEffects.set(key, code)
    return code
  }

  function define(effects: readonly Effect[]): number {
    const code = effectsByCode.push(effects) - 1
    for (const [view, effect] of effects.entries()) {
      tables.get(view)?.define(code, effect)
      if (effect !== effects[firstAlike[view] ?? view]) differing[code] = (differing[code] ?? 0) | (1 << view)
    }
    return code
  }

  /** Bit `n`: view `n` reads one of the codes in another way than the first one like it. */
  function differences(codes: Codes): number {
    let bits = 0
    for (let index = 0; index < codes.length; index += 1) bits |= differing[codes[index] ?? 0] ?? 0
    return bits
  }

  return {
    codeOf: (text) => codeFor(effectsOf(text)),
    codesOf(characters) {
      const image = imagesOf(characters.join(SEPARATOR))
      const byView = views.map(({ view, automaton }) => image(view).split(SEPARATOR).map(automaton.effectOf))
      return characters.map((_, number) => codeFor(byView.map((effects) => effects[number])))
    },
    inertCodeOf(text) {
      const effects = effectsOf(text)
      return effects.every((effect) => effect?.isInert) ? codeFor(effects) : NONE
    },
    searchOf(view, { automaton }) {
      const known = tables.get(view)
      if (known) return known.search
      const table = automaton.codeTable()
      for (const [code, effects] of effectsByCode.entries()) {
        const effect = effects[view]
        if (effect) table.define(code, effect)
      }
      tables.set(view, table)
      return table.search
    },
    repeated(codes) {
      let bits: number | undefined
      return (view) => firstAlike[view] !== view && ((bits ??= differences(codes())) & (1 << view)) === 0
    },
  }
}

function keyOf(effects: Effects): string {
  return effects.map((effect) => effect?.number).join()
}
