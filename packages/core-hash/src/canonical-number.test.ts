import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { vectors } from '../test/vectors.ts'
import { canonicalNumber, numberProblem } from './canonical-number.ts'
import { writeNumber } from './number-writer.ts'
import { Utf8Buffer } from './utf8-buffer.ts'

fc.configureGlobal({ seed: 20_260_212 })

const out = new Utf8Buffer()

/** What the writer makes of a number, or undefined. */
function writtenNumber(value: number): string | undefined {
  out.clear()
  return writeNumber(out, value) ? String(out) : undefined
}

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
    expect(writtenNumber(value)).toBe(canonical)
    expect(String(canonicalNumber(value))).toBe(canonical)
  },
)

describe('over magnitudes 1e-8 to 1e12', () => {
  test('rounding twice is rounding once (CJ-016)', () => {
    fc.assert(
      fc.property(spread, (value) => {
        const once = canonicalNumber(value)
        expect(canonicalNumber(once)).toBe(once)
        expect(writtenNumber(Number(writtenNumber(value)))).toBe(writtenNumber(value))
      }),
      { numRuns: 20_000 },
    )
  })

  test('the text is the shortest form of the rounded value, read back as that value', () => {
    fc.assert(
      fc.property(spread, (value) => {
        expect(writtenNumber(value)).toBe(String(canonicalNumber(value)))
        expect(Number(writtenNumber(value))).toBe(canonicalNumber(value))
      }),
      { numRuns: 20_000 },
    )
  })

  test('no multiple of a millionth below 1e9 moves', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(1e15 - 1), max: 1e15 - 1 }), (millionths) => {
        const value = millionths / 1e6
        expect(canonicalNumber(value) + 0).toBe(value + 0)
        expect(writtenNumber(value)).toBe(String(value + 0))
      }),
      { numRuns: 20_000 },
    )
  })
})

test('near ties and at the edges of the short way the writer follows the same rule', () => {
  const tie = fc.integer({ min: -(2 ** 36), max: 2 ** 36 }).map((odd) => (2 * odd + 1) / 128)
  const nearTie = fc
    .tuple(fc.integer({ min: 0, max: 999_999_999 }), fc.integer({ min: 0, max: 999_999 }))
    .map(([whole, part]) => whole + (part + 0.5) / 1e6)
  const edge = fc.constantFrom(
    1e9,
    1e9 - 2 ** -23,
    1e9 + 2 ** -23,
    999_999_999.9999995,
    -1e9,
    2 ** 31,
    -(2 ** 31),
    2 ** 31 - 0.5,
    0.9999995,
    0.99999949999,
  )
  fc.assert(
    fc.property(fc.oneof(tie, nearTie, edge), (value) => {
      expect(writtenNumber(value)).toBe(String(canonicalNumber(value)))
    }),
    { numRuns: 20_000 },
  )
})

test('integers of every length', () => {
  for (let power = 0; power <= 15; power++) {
    for (const value of [10 ** power - 1, 10 ** power, 10 ** power + 1]) {
      expect([writtenNumber(value), writtenNumber(-value)]).toEqual([String(value), String(0 - value)])
    }
  }
})

test('numbers that meet the end of the buffer lose no digit', () => {
  const list = new Utf8Buffer()
  const values = Array.from({ length: 10_000 }, (_, index) => -123_456_789.123456 + index)
  for (const value of values) {
    writeNumber(list, value)
    list.byte(0x2c)
  }
  expect(String(list) === `${values.map((value) => canonicalNumber(value)).join()},`).toBe(true)
})

test('zero has one spelling', () => {
  for (const value of [0, -0, 1e-7, -1e-7, 5e-324, -5e-324, -4.9999999e-7]) {
    expect(Object.is(canonicalNumber(value), 0)).toBe(true)
    expect(writtenNumber(value)).toBe('0')
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
  expect([NaN, Infinity, 2 ** 53, 1e300].map(writtenNumber)).toEqual([undefined, undefined, undefined, undefined])
  expect([2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 52 + 0.5].map(numberProblem)).toEqual([undefined, undefined, undefined])
})
