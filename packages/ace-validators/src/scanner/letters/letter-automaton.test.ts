import fc from 'fast-check'
import { expect, it } from 'vitest'

import { reaches } from '../reaches.ts'
import { buildLetterAutomaton } from './letter-automaton.ts'

const WORDS = ['abab', 'babc', 'cc', 'abcabcabc']

it('finds a word with anything between its letters exactly when a search without the gaps does', () => {
  const search = buildLetterAutomaton(WORDS).search(new Map())
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', '.'), maxLength: 60 })
  fc.assert(
    fc.property(letters, (text) => {
      const codes = Uint8Array.from(text, (letter) => letter.charCodeAt(0))
      const plain = text.replaceAll('.', '')
      expect(reaches(search, codes)).toBe(WORDS.some((word) => plain.includes(word)))
    }),
    { seed: 20261121, numRuns: 5000 },
  )
})
