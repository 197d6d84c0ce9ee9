import fc from 'fast-check'
import { expect, it } from 'vitest'

import { borrowedAscii, isAscii } from './ascii.ts'

it('tells ASCII from everything else, and gives its bytes', () => {
  const unit = fc.oneof(
    { weight: 30, arbitrary: fc.integer({ min: 0, max: 0x7f }) },
    fc.constantFrom(0x80, 0xe9, 0x4e2d, 0xd83d, 0xde00),
  )
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 40 }), fc.constantFrom(1, 200, 40_000), (units, times) => {
      const text = String.fromCharCode(...units).repeat(times)
      const expected = units.every((code) => code < 0x80)
      expect(isAscii(text)).toBe(expected)
      if (expected) expect(Buffer.from(borrowedAscii(text)).toString('latin1') === text).toBe(true)
    }),
    { seed: 20261121, numRuns: 400 },
  )
})
