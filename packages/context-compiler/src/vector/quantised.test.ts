import { expect, test } from 'vitest'

import { cosine, quantise } from './quantised.ts'

test('quantised vectors compare as the vectors do, within a hundredth, and do not care how long a vector is', () => {
  const left = Array.from({ length: 64 }, (_, index) => Math.sin(index))
  const right = Array.from({ length: 64 }, (_, index) => Math.sin(index + 0.4))
  const exact = left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0)
  const norms = Math.hypot(...left) * Math.hypot(...right)
  expect(cosine(quantise(left), quantise(right))).toBeCloseTo(exact / norms, 2)
  expect(quantise(left.map((value) => value * 4))).toEqual(quantise(left))
  expect(cosine(quantise(left), quantise(left))).toBe(1)
})

test('what cannot be compared is near nothing', () => {
  expect(cosine(Int8Array.of(1, 2), Int8Array.of(1))).toBeNaN()
  expect(cosine(Int8Array.of(1, 2), Int8Array.of(0, 0))).toBeNaN()
})
