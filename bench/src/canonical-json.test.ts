import { expect, test } from 'vitest'
import { compare } from './canonical-json.ts'

test('every kind of object is timed for text and hash, and each ratio is a number', () => {
  const rows = compare([1_000], 2)
  expect(rows).toHaveLength(12)
  for (const { bytes, ratio, native_us, canonical_us, questions_ratio } of rows) {
    expect(bytes).toBeGreaterThan(500)
    expect(Math.min(ratio, native_us, canonical_us, questions_ratio)).toBeGreaterThan(0)
  }
})
