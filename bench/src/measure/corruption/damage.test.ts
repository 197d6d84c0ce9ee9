import { expect, test } from 'vitest'

import { seededRandom } from '../generated-files/random.ts'
import { damagedBytes } from './damage.ts'

test('every way of damaging changes the bytes, also of short ones; what comes out the same is left out', () => {
  const random = seededRandom(7)
  for (let length = 1; length <= 700; length += 9) {
    const bytes = Buffer.alloc(length, 'ab')
    const damaged = damagedBytes(bytes, random)
    expect(damaged).toHaveLength(4)
    for (const { bytes: other } of damaged) expect(bytes.equals(other)).toBe(false)
  }
  expect(damagedBytes(Buffer.alloc(0), random)).toEqual([])
  expect(damagedBytes(Buffer.alloc(9), random).map(({ what }) => what.split(' at ')[0])).not.toContain('zeros')
})
