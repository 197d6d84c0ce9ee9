import { textHash } from '@ctxlock/core-hash'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { compareFields } from './differences.ts'

test('the first difference is named from the record down, with the hash of each side', () => {
  const { differences, agreeing } = compareFields(
    'plan',
    { a: [1, { b: 'x' }], c: null },
    { a: [1, { b: 'y' }], c: null, d: true },
  )
  expect(agreeing).toBe(2)
  expect(differences).toEqual([
    { field: 'plan/a/1/b', recorded: textHash('"x"'), rebuilt: textHash('"y"') },
    { field: 'plan/d', recorded: null, rebuilt: textHash('true') },
  ])
})

test.each([
  [[], {}],
  [{ a: 1 }, { a: '1' }],
  [{ a: [] }, { a: [0] }],
  [{ a: '\ud800' }, { a: '\ud801' }],
  [{ a: 'e\u0301' }, { a: '\u00e9' }],
])('%j and %j are not the same', (recorded, rebuilt) => {
  expect(compareFields('record', recorded, rebuilt).differences).toHaveLength(1)
})

test('a value is the same as itself, whatever it is', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(compareFields('record', value, structuredClone(value)).differences).toEqual([])
    }),
    { seed: 20261123, numRuns: 200 },
  )
})
