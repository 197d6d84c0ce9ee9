import fc from 'fast-check'
import { expect, it } from 'vitest'

import { createCoder } from './coded-text.ts'
import { compilePatterns } from './patterns.ts'
import { transform } from './views.ts'

const SEED = 20261121
// The marks of some patterns compose, fold or are halfwidth.
const views = compilePatterns([
  { id: 'P', text: 'café crème' },
  { id: 'Q', text: 'ίδε ταύτα' },
  { id: 'R', text: 'がぎ ガギ' },
])
const PIECES = [
  'ignore|previous|develop|er|mode|inſtructionſ|new|rn|m|0| |_|\0|\t|\n|%|1|é|і|ｉgnore|\u200b|\u00ad|—|ß|𝐢|\ufe0f|😀|Ⅰ|\u3000|ſ',
  '\u{e0061}|\u2028|\ud800|e\u0301|\u0301|\u0327|\u0338|\u1100\u1161|\u11a8|ｶ\uff9e|i\u200b\u0307|\u{1d165}|가|\u{11f02}',
  'café|cre\u0300me|ίδε|ι\u0301δε|ταύτα|がき\u3099|ｶﾞｷ|\uff9e|\u0345|\u034f|\u093e',
].flatMap((some) => some.split('|'))

/** The views that show a pattern, by their numbers: by codes, and by the views themselves. */
function shown(text: string) {
  const coded = createCoder(views).encode(text)
  expect(coded).toBeDefined()
  const numbers = [...views.keys()]
  return {
    byCodes: numbers.filter((number) => views.slice(number, number + 1).some((view) => coded?.shows(number, view))),
    byViews: numbers.filter((number) =>
      views.slice(number, number + 1).some(({ view, automaton }) => automaton.contains(transform(view, text))),
    ),
  }
}

function check(text: string): void {
  const { byCodes, byViews } = shown(text)
  // A view that shows what an earlier one with the same patterns shows need not be named.
  const firsts = byViews.filter(
    (number) => !byCodes.some((other) => other < number && views[other]?.automaton === views[number]?.automaton),
  )
  expect(byViews).toEqual(expect.arrayContaining(byCodes))
  expect(byCodes).toEqual(expect.arrayContaining(firsts))
}

it('judges a text by codes exactly as by the views themselves', () => {
  const piece = fc.constantFrom(...PIECES)
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (some) => check(some.join(''))),
    { seed: SEED, numRuns: 1000 },
  )
})

it('reads runs of marks of any length as the views do', () => {
  const mark = fc.constantFrom('\u0301', '\u0300', '\u0327', '\u3099', '\uff9e', '\uff9f', '\u0345', '\u200b', '\u034f')
  const base = fc.constantFrom('caf', 'cafe', 'ι', 'か', 'ｶ', 'ignore', ' ', '')
  const rest = fc.constantFrom(' crème', 'δε ταύτα', 'ぎ ガギ', ' previous', '\u0345δε ταύτα', '\u0327 crème')
  fc.assert(
    fc.property(base, mark, mark, fc.nat(700), fc.nat(2), rest, (before, one, other, length, more, after) => {
      check(`${before}${one.repeat(more)}${(one + other).repeat(length)}${after}`)
    }),
    { seed: SEED, numRuns: 300 },
  )
})

it('reads new characters of all planes as the views do', () => {
  const some = fc.string({ unit: 'binary', maxLength: 20 })
  const character = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })
  fc.assert(
    fc.property(some, character, character, (text, one, other) => {
      check(`${text}ignore${one}previous ${other}ew instructions`)
    }),
    { seed: SEED, numRuns: 500 },
  )
})
