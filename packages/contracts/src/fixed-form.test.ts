import fc from 'fast-check'
import { expect, test } from 'vitest'

import { Hash, Uuid } from './primitives.ts'
import { CandidateId, Salt } from './events/fields.ts'
import { FIXED_FORMS, fixedFormTest } from './fixed-form.ts'

const patternsOf = ({ def }: typeof Hash) => (def.checks ?? []).map((check) => Reflect.get(check._zod.def, 'pattern'))

test('the forms are those of hashes, salts and ids', () => {
  const used = [Hash, Uuid, Salt, CandidateId].flatMap(patternsOf).map(String)
  expect(new Set(used)).toEqual(new Set(FIXED_FORMS.map(String)))
})

/** What one of the patterns takes, as it is or with something changed, put in or left out. */
const nearly = fc
  .record({
    text: fc.oneof(
      fc.uuid(),
      ...[32, 64].map((digits) => fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`))),
      fc.constant('00000000-0000-0000-0000-000000000000'),
    ),
    at: fc.nat(64),
    removed: fc.constantFrom(0, 0, 0, 1),
    added: fc.oneof(fc.constantFrom('', '', '', 'a', 'A', 'g', '-', '/', ':', '`', '\n', '0', '\u0130'), fc.string()),
  })
  .map(({ text, at, removed, added }) => text.slice(0, at) + added + text.slice(at + removed))

test.each(FIXED_FORMS)('%s and its test agree', (pattern) => {
  const isOfForm = fixedFormTest(pattern)
  const counts = { taken: 0, refused: 0 }
  fc.assert(
    fc.property(nearly, (text) => {
      expect(isOfForm?.(text)).toBe(pattern.test(text))
      counts[pattern.test(text) ? 'taken' : 'refused'] += 1
    }),
    { seed: 50, numRuns: 3000 },
  )
  expect(Math.min(counts.taken, counts.refused)).toBeGreaterThan(100)
})

test('the nil UUID has the form of one and is none', () => {
  const nil = '00000000-0000-0000-0000-000000000000'
  expect(FIXED_FORMS.map((pattern) => fixedFormTest(pattern)?.(nil))).toEqual([false, false, false])
})

test('another pattern, and the same with a flag, have none', () => {
  expect([/^[0-9a-f]{40}$/, /^[0-9a-f]{64}$/i, /^[0-9a-f]{64}$/u].map(fixedFormTest)).toEqual(
    Array.from({ length: 3 }, () => undefined),
  )
})
