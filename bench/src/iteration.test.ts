import { expect, test } from 'vitest'

import { compare } from './iteration.ts'

test('every row has a time beside its bar and its limit', async () => {
  const { rows } = await compare({ iterations: 2, appends: 2 })
  const works = ['answer over one file', 'over ten', 'patch'].map(() => [
    [20, 100],
    [50, 500],
  ])
  expect(rows.map(({ bar_ms, spec_ms }) => [bar_ms, spec_ms])).toEqual([...works.flat(), [2, 10]])
  // On a busy machine two rounds say little: compiling, timed by itself, may take longer than a whole iteration did.
  for (const { median_ms, limit_ms } of rows) {
    expect(limit_ms).toBeGreaterThan(0)
    expect(median_ms).toSatisfy(Number.isFinite)
  }
  expect(rows.flatMap(({ beside_compiling_ms }) => beside_compiling_ms ?? []).filter(Number.isFinite)).toHaveLength(3)
})
