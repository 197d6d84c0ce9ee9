import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { vectors } from '../test/vectors.ts'
import { canonicalNumber, canonicalNumberText, numberProblem } from './canonical-number.ts'

fc.configureGlobal({ seed: 20_260_212 })

/** Doubles spread evenly over the magnitudes 1e-8 to 1e12. */
const spread = fc
  .tuple(
    fc.double({ min: -8, max: 12, noNaN: true }),
    fc.double({ min: 1, max: 10, noNaN: true }),
    fc.constantFrom(1, -1),
  )
  .map(([exponent, digits, sign]) => sign * digits * 10 ** exponent)

test.each(vectors<{ bits: string; canonical: string }>('numbers.json'))(
  '$bits becomes $canonical',
  ({ bits, canonical }) => {
    const value = Buffer.from(bits, 'hex').readDoubleBE()
    expect(canonicalNumberText(value)).toBe(canonical)
    expect(String(canonicalNumber(value))).toBe(canonical)
  },
)

describe('over magnitudes 1e-8 to 1e12', () => {
  test('rounding twice is rounding once (CJ-016)', () => {
    fc.assert(
      fc.property(spread, (value) => {
        const once = canonicalNumber(value)
        expect(canonicalNumber(once)).toBe(once)
        expect(canonicalNumberText(Number(canonicalNumberText(value)))).toBe(canonicalNumberText(value))
      }),
      { numRuns: 20_000 },
    )
  })

  test('the text is the shortest form of the rounded value, read back as that value', () => {
    fc.assert(
      fc.property(spread, (value) => {
        expect(canonicalNumberText(value)).toBe(String(canonicalNumber(value)))
        expect(Number(canonicalNumberText(value))).toBe(canonicalNumber(value))
      }),
      { numRuns: 20_000 },
    )
  })

  test('no multiple of a millionth below 1e9 moves', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(1e15 - 1), max: 1e15 - 1 }), (millionths) => {
        const value = millionths / 1e6
        expect(canonicalNumber(value) + 0).toBe(value + 0)
        expect(canonicalNumberText(value)).toBe(String(value + 0))
      }),
      { numRuns: 20_000 },
    )
  })
})

test('zero has one spelling', () => {
  for (const value of [0, -0, 1e-7, -1e-7, 5e-324, -5e-324, -4.9999999e-7]) {
    expect(Object.is(canonicalNumber(value), 0)).toBe(true)
    expect(canonicalNumberText(value)).toBe('0')
  }
})

test('what has no canonical form says why', () => {
  expect([NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 53), 1e300, Number.MAX_VALUE].map(numberProblem)).toEqual([
    'CANON_NON_FINITE',
    'CANON_NON_FINITE',
    'CANON_NON_FINITE',
    'CANON_UNSAFE_INTEGER',
    'CANON_UNSAFE_INTEGER',
    'CANON_UNSAFE_INTEGER',
    'CANON_UNSAFE_INTEGER',
  ])
  expect([NaN, Infinity, 2 ** 53, 1e300].map(canonicalNumberText)).toEqual([undefined, undefined, undefined, undefined])
  expect([2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 52 + 0.5].map(numberProblem)).toEqual([undefined, undefined, undefined])
})
