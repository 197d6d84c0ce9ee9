import { expect, test, vi } from 'vitest'

import { callocOfAtLeastOne } from './grammar-memory.ts'

test('asks for one where none is asked for, and for as many otherwise', () => {
  const calloc = vi.fn((count: number, size: number) => count * size)
  const given = callocOfAtLeastOne(calloc)
  if (typeof given !== 'function') throw new Error('not exported')
  expect([given(0, 4), given(1, 4), given(3, 8)]).toEqual([4, 4, 24])
  expect(calloc.mock.calls).toEqual([
    [1, 4],
    [1, 4],
    [3, 8],
  ])
})
