import type { CallUsage } from '@ctxlock/flight-recorder'
import { expect, test } from 'vitest'

import { usageOverTime } from './usage-over-time.ts'

const call = (at: string, known: Partial<CallUsage> = {}): CallUsage => ({
  at,
  providerId: 'near',
  modelId: 'm1',
  promptTokens: undefined,
  cachedTokens: undefined,
  completionTokens: undefined,
  isEstimated: false,
  latencyMs: undefined,
  costMicroUsd: undefined,
  ...known,
})

test('what is not known is counted apart and is no zero', () => {
  const { buckets, models } = usageOverTime([
    call('2026-01-31T12:00:10.000Z', { promptTokens: 10, costMicroUsd: 0, latencyMs: 5 }),
    call('2026-01-31T12:00:20.000Z'),
    call('2026-01-31T12:02:00.000Z', { latencyMs: 9 }),
  ])
  expect(buckets.map(({ at, calls }) => [at, calls])).toEqual([
    ['2026-01-31T12:00:00.000Z', 2],
    ['2026-01-31T12:01:00.000Z', 0],
    ['2026-01-31T12:02:00.000Z', 1],
  ])
  expect(buckets[0]).toMatchObject({
    prompt_tokens: { known: 10, unknown: 1 },
    cached_tokens: { known: null, unknown: 2 },
    cost_micro_usd: { known: 0, unknown: 1 },
    latency_ms: { half: 5, most: 5 },
  })
  expect(buckets[1]).toMatchObject({ prompt_tokens: { known: null, unknown: 0 }, latency_ms: null })
  expect(models).toMatchObject([{ model_id: 'm1', calls: 3, latency_ms: { half: 5, most: 9 } }])
})

test('however long the time, there are at most sixty buckets', () => {
  for (const year of [2026, 2027, 2029]) {
    const { buckets } = usageOverTime([call('2026-01-01T00:00:00.000Z'), call(`${year}-12-31T00:00:00.000Z`)])
    expect(buckets.length).toBeGreaterThan(0)
    expect(buckets.length).toBeLessThanOrEqual(60)
  }
  expect(usageOverTime([])).toMatchObject({ buckets: [], models: [] })
})
