import { expect, test } from 'vitest'

import { measure } from './baselines.ts'

test('T-PERF-01 to -04, T-X-PERF-05 and -06 each have a figure beside baseline and maximum', async () => {
  const { rounds, rows } = await measure(['--rounds', '2'])
  expect(rounds).toBe(2)
  expect(rows.map(({ id, baseline_ms, maximum_ms }) => [id, baseline_ms, maximum_ms])).toEqual([
    ['T-PERF-01', 100, 500],
    ['T-PERF-02', 500, 2000],
    ['T-PERF-03', 50, 200],
    ['T-PERF-04', 10, 50],
    ['T-X-PERF-05', 50, 250],
    ['T-X-PERF-06', 100, 500],
  ])
  // How long it took here says nothing about the code: only that it was timed, and judged by its limits.
  for (const { p95_ms, baseline_ms, maximum_ms, verdict } of rows) {
    expect(p95_ms).toBeGreaterThan(0)
    const [isAboveBaseline, isAboveMaximum] = [p95_ms > baseline_ms, p95_ms > maximum_ms]
    expect(verdict).toBe(isAboveMaximum ? 'above maximum' : isAboveBaseline ? 'above baseline' : 'within')
  }
})

test('a number of rounds that is none is refused', async () => {
  await expect(measure(['--rounds', '0'])).rejects.toThrow('at least 1')
})
