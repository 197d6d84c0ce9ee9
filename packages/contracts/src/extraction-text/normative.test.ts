import { expect, test } from 'vitest'

import { normativeConstraints, severityOf } from './normative.ts'
import { splitSentences } from './sentences.ts'

test.each([
  'IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE\nLIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY.',
  'IN NO EVENT SHALL Jane Doe BE LIABLE FOR ANY DAMAGES.',
  'IN  NO EVENT UNLESS REQUIRED BY APPLICABLE LAW WILL ANY COPYRIGHT HOLDER BE LIABLE TO YOU.',
  'SHOULD THE PROGRAM PROVE\nDEFECTIVE, YOU ASSUME THE COST OF ALL NECESSARY SERVICING.',
])('what a licence disclaims demands nothing: %s', (text) => {
  expect(normativeConstraints(splitSentences(`The lock MUST be held. ${text}`.split('\n'), 1))).toEqual([
    { text: 'The lock MUST be held.', severity: 'hard', startLine: 1, endLine: 1 },
  ])
  // A rule is what the config names as one, whatever its words are.
  expect(severityOf(text)).toBeDefined()
})

test.each(['Columns are GENERATED ALWAYS AS IDENTITY.', 'A name is NOT REQUIRED.'])(
  'a word that demands nothing where it stands: %s',
  (text) => {
    expect(severityOf(text)).toBeUndefined()
    expect(severityOf(`${text} It MUST be short.`)).toBe('hard')
  },
)
