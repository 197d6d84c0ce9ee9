import { expect, test } from 'vitest'

import { compare } from './iteration.ts'

test('every row has a time beside its bar and its limit', async () => {
  const { rows } = await compare({ iterations: 2, appends: 2 })
  expect(rows.map(({ bar_ms, spec_ms }) => [bar_ms, spec_ms])).toEqual([
    [20, 100],
    [20, 100],
    [20, 100],
    [50, 500],
    [2, 10],
  ])
  for (const { median_ms, limit_ms } of rows) expect(Math.min(median_ms, limit_ms)).toBeGreaterThan(0)
})
