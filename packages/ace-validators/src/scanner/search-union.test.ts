import fc from 'fast-check'
import { expect, it } from 'vitest'

import { ORDINARY } from './first-look.ts'
import { buildLetterAutomaton } from './letters/letter-automaton.ts'
import { PLAIN } from './letters/reader.ts'
import { reaches } from './reaches.ts'
import { searchUnion } from './search-union.ts'

const search = (...words: string[]) => buildLetterAutomaton(words).search(PLAIN)

it('finds something when one of the two does, or a character is none of those it was made for', () => {
  const [one, other] = [search('abab', 'cc'), search('babc')]
  const union = searchUnion(one, other, ORDINARY)
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.', ' '), maxLength: 60 })
  fc.assert(
    fc.property(text, fc.constantFrom('', '', '', '\0', '\x7f'), text, (before, control, after) => {
      const codes = Buffer.from(before + control + after, 'latin1')
      expect(union && reaches(union, codes)).toBe(control !== '' || reaches(one, codes) || reaches(other, codes))
    }),
    { seed: 20261121, numRuns: 3000 },
  )
})

it('gives up when there would be too many states', () => {
  const words = (first: string) => Array.from({ length: 1000 }, (_, number) => first + spelled(number * 7919))
  expect(searchUnion(search(...words('a')), search(...words('b')), ORDINARY)).toBeUndefined()
})

function spelled(number: number): string {
  return Array.from(String(number), (digit) => 'cdefghjkmn'.charAt(Number(digit))).join('')
}
