import fc from 'fast-check'
import { expect, test } from 'vitest'

import { firstDifference } from './first-difference.ts'

test('names the byte and the line in both texts', () => {
  expect(firstDifference('a\nbc\nd\n', 'a\nbx\nd\n')).toEqual({ offset: 3, line: 2, expected: 'bc', actual: 'bx' })
  expect(firstDifference('é\nü', 'é\nö')).toEqual({ offset: 4, line: 2, expected: 'ü', actual: 'ö' })
  expect(firstDifference('a\n', 'a\nb\n')).toEqual({ offset: 2, line: 2, expected: '', actual: 'b' })
  expect(firstDifference('', '')).toBeUndefined()
})

test('the byte it names is the first that differs, whatever the texts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (expected, actual) => {
      const found = firstDifference(expected, actual)
      const [left, right] = [Buffer.from(expected), Buffer.from(actual)]
      if (found === undefined) return expect(left).toEqual(right)
      expect(left.subarray(0, found.offset)).toEqual(right.subarray(0, found.offset))
      expect(left[found.offset]).not.toBe(right[found.offset])
    }),
    { seed: 20261121 },
  )
})
