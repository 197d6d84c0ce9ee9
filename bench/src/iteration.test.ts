import { expect, test } from 'vitest'

import { compare } from './iteration.ts'

test('every row has a time beside its bar and its limit', async () => {
  const { rows } = await compare({ iterations: 2, appends: 2 })
  const works = ['answer over one file', 'over ten', 'patch'].map(() => [
    [20, 100],
    [50, 500],
  ])
  expect(rows.map(({ bar_ms, spec_ms }) => [bar_ms, spec_ms])).toEqual([...works.flat(), [2, 10]])
  for (const { median_ms, limit_ms } of rows) expect(Math.min(median_ms, limit_ms)).toBeGreaterThan(0)
  const beside = rows.flatMap(({ beside_compiling_ms }) => beside_compiling_ms ?? [])
  expect(beside.map(Math.sign)).toEqual([1, 1, 1])
})
