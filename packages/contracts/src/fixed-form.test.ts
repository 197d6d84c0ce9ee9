import { Utf8Buffer } from '@ctxlock/core-hash/text-writer'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { Hash, Uuid } from './primitives.ts'
import { CandidateId, Salt } from './events/fields.ts'
import { FIXED_FORMS, fixedFormTest, fixedFormWriter } from './fixed-form.ts'

const patternsOf = ({ def }: typeof Hash) => (def.checks ?? []).map((check) => Reflect.get(check._zod.def, 'pattern'))

/** The text as it is written behind another; undefined when it is refused. */
function written(pattern: RegExp, text: string): string | undefined {
  const out = new Utf8Buffer()
  out.ascii('[')
  return fixedFormWriter(pattern)?.(out, text) ? String(out) : undefined
}

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

test.each(FIXED_FORMS)('%s, its test and its writer agree', (pattern) => {
  const isOfForm = fixedFormTest(pattern)
  const counts = { taken: 0, refused: 0 }
  fc.assert(
    fc.property(nearly, (text) => {
      expect(isOfForm?.(text)).toBe(pattern.test(text))
      expect(written(pattern, text)).toBe(pattern.test(text) ? `["${text}"` : undefined)
      counts[pattern.test(text) ? 'taken' : 'refused'] += 1
    }),
    { seed: 50, numRuns: 3000 },
  )
  expect(Math.min(counts.taken, counts.refused)).toBeGreaterThan(100)
})

const right = ['0123456789abcdef'.repeat(2), '0123456789abcdef'.repeat(4), '01234567-89ab-cdef-fedc-ba9876543210']

test.each(FIXED_FORMS.map((pattern, index) => [pattern, right[index] ?? ''] as const))(
  'the writer of %s judges every character at every place as the pattern does',
  (pattern, whole) => {
    for (let place = 0; place < whole.length; place++) {
      for (let unit = 0; unit < 0x100; unit++) {
        const text = `${whole.slice(0, place)}${String.fromCharCode(unit)}${whole.slice(place + 1)}`
        if ((written(pattern, text) !== undefined) !== pattern.test(text)) expect.fail(`unit ${unit} at ${place}`)
      }
    }
    expect(written(pattern, whole)).toBe(`["${whole}"`)
  },
)

test('the nil UUID has the form of one and is none', () => {
  const nil = '00000000-0000-0000-0000-000000000000'
  expect(FIXED_FORMS.map((pattern) => fixedFormTest(pattern)?.(nil))).toEqual([false, false, false])
  expect(FIXED_FORMS.filter((pattern) => written(pattern, nil) !== undefined)).toEqual([])
})

test('another pattern, and the same with a flag, have none', () => {
  expect(
    [/^[0-9a-f]{40}$/, /^[0-9a-f]{64}$/i, /^[0-9a-f]{64}$/u].flatMap((pattern) => [
      fixedFormTest(pattern),
      fixedFormWriter(pattern),
    ]),
  ).toEqual(Array.from({ length: 6 }, () => undefined))
})
