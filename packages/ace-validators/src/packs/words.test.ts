import fc from 'fast-check'
import { expect, it } from 'vitest'

import { wordsOf } from './words.ts'

const SEED = 20261122
const WORD = /[\p{L}\p{N}]+(?:['\u2019]\p{L}+)?/gu

it('finds the words an expression finds', () => {
  const unit = fc.constantFrom(
    'a',
    'é',
    '7',
    "'",
    '\u2019',
    ' ',
    '.',
    '\u0301',
    '\u{1d4b6}',
    '\u{1f600}',
    '\ud835',
    '\udcb6',
  )
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 20 }), (text) => {
      const words = wordsOf(text)
      const found = Array.from({ length: words.count }, (_, number) => [
        words.start(number),
        words.end(number),
        words.word(number),
      ])
      expect(found).toEqual(
        Array.from(text.matchAll(WORD), ({ 0: word, index }) => [
          index,
          index + word.length,
          word.replace('\u2019', "'"),
        ]),
      )
    }),
    { seed: SEED, numRuns: 2000 },
  )
})
