import { describe, expect, it } from 'vitest'

import { NOW } from '../__fixtures__/profiles.ts'
import { modelScore, performanceSnapshots, type RecordedInference } from './model-performance.ts'

const TWO_HOURS_AGO = '2026-11-20T10:00:00.000Z'

function call(changes: Partial<RecordedInference> = {}): RecordedInference {
  return {
    provider_id: 'here',
    model_id: 'm',
    timestamp: '2026-11-20T11:30:00.000Z',
    completion_tokens: 100,
    latency_ms: 1000,
    ...changes,
  }
}
const failed = (changes: Partial<RecordedInference> = {}): RecordedInference => {
  const { latency_ms: _, ...rest } = call({ completion_tokens: 0, error_code: 'timeout', ...changes })
  return rest
}
const only = (...calls: readonly RecordedInference[]) => performanceSnapshots(calls, NOW)[0]

describe('performanceSnapshots (PROV-068)', () => {
  it('weighs speed by time and ranks latencies', () => {
    const slow = call({ completion_tokens: 100, latency_ms: 9000 })
    expect(only(call(), slow)).toEqual({
      provider_id: 'here',
      model_id: 'm',
      calls: 2,
      tokens_per_second: 20,
      p50_latency_ms: 1000,
      p95_latency_ms: 9000,
      failure_rate_1h: 0,
    })
    const hundred = Array.from({ length: 100 }, (_, index) => call({ latency_ms: 100 - index }))
    expect(only(...hundred)).toMatchObject({ p50_latency_ms: 50, p95_latency_ms: 95 })
  })

  it('counts failures of the last hour alone, and none that a person ended', () => {
    expect(only(call(), failed(), failed({ timestamp: TWO_HOURS_AGO }))).toMatchObject({ failure_rate_1h: 0.5 })
    expect(only(call(), failed({ error_code: 'aborted' }))).toMatchObject({ failure_rate_1h: 0 })
    expect(only(call({ timestamp: TWO_HOURS_AGO }))).toMatchObject({ failure_rate_1h: null })
  })

  it('keeps one model at two providers apart', () => {
    const snapshots = performanceSnapshots([call(), call({ provider_id: 'there', latency_ms: 500 })], NOW)
    expect(snapshots.map(({ provider_id, tokens_per_second }) => [provider_id, tokens_per_second])).toEqual([
      ['here', 100],
      ['there', 200],
    ])
  })

  it('knows no speed without a token or a measured millisecond', () => {
    for (const calls of [[failed()], [call({ completion_tokens: 0 })], [call({ latency_ms: 0 })]]) {
      expect(only(...calls)).toMatchObject({ tokens_per_second: null })
    }
  })
})

describe('modelScore (PROV-067)', () => {
  const scoreOf = (...calls: readonly RecordedInference[]) => performanceSnapshots(calls, NOW).map(modelScore)[0]

  it('is the speed less what failed in the last hour', () => {
    expect(scoreOf(call())).toBe(100)
    expect(scoreOf(call(), failed())).toBe(50)
    expect(scoreOf(call({ timestamp: TWO_HOURS_AGO }), failed())).toBe(0)
  })

  it('is unknown, not zero, for a model that never answered', () => {
    expect(scoreOf(failed())).toBeUndefined()
  })
})
