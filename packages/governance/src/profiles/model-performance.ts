import type { Timestamp } from '@ctxlock/contracts/primitives'

import type { ModelAtProvider } from './candidate.ts'

/** One call to a model, as its event FR-EVT-006 tells it. */
export interface RecordedInference extends ModelAtProvider {
  readonly timestamp: Timestamp
  readonly completion_tokens: number
  /** Known for answered calls. */
  readonly latency_ms?: number
  readonly error_code?: string
}

/** How one model at one provider did lately; derived from recorded calls and from nothing else (PROV-068). */
export interface ModelPerformanceSnapshot extends ModelAtProvider {
  readonly calls: number
  /** All completion tokens over all seconds of the calls that wrote some; `null` when none did. */
  readonly tokens_per_second: number | null
  /** Of answered calls, nearest rank, in milliseconds. */
  readonly p50_latency_ms: number | null
  readonly p95_latency_ms: number | null
  /** Failed share of the last hour's calls; `null` when there were none. */
  readonly failure_rate_1h: number | null
}

const HOUR_MS = 3_600_000

/** What a person or the poison fence ended says nothing about the model. */
const NOT_A_FAILURE: ReadonlySet<string> = new Set(['aborted'])

/** One snapshot for each model at a provider that was called, in the order of their first calls. */
export function performanceSnapshots(
  inferences: readonly RecordedInference[],
  now: Timestamp,
): ModelPerformanceSnapshot[] {
  const calls = Map.groupBy(inferences, ({ provider_id, model_id }) => JSON.stringify([provider_id, model_id]))
  return [...calls.values()].map((ofModel) => snapshotOf(ofModel, now))
}

/**
 * ModelScore (PROV-067, PROV-068): tokens per second that a caller can count on, so the measured speed less the share of the
 * last hour's calls that failed. `undefined`, which sorts last, until a call of the model has written something.
 */
export function modelScore({ tokens_per_second, failure_rate_1h }: ModelPerformanceSnapshot): number | undefined {
  return tokens_per_second === null ? undefined : tokens_per_second * (1 - (failure_rate_1h ?? 0))
}

function snapshotOf(calls: readonly RecordedInference[], now: Timestamp): ModelPerformanceSnapshot {
  const [first] = calls
  if (!first) throw new TypeError('a model without a call has no snapshot')
  const latencies = calls.flatMap(({ latency_ms }) => latency_ms ?? []).toSorted((a, b) => a - b)
  const lastHour = calls.filter(({ timestamp }) => Date.parse(now) - Date.parse(timestamp) <= HOUR_MS)
  const judged = lastHour.filter(({ error_code = '' }) => !NOT_A_FAILURE.has(error_code))
  const failed = judged.filter(({ error_code }) => error_code !== undefined)
  return {
    provider_id: first.provider_id,
    model_id: first.model_id,
    calls: calls.length,
    tokens_per_second: speedOf(calls),
    p50_latency_ms: nearestRank(latencies, 0.5),
    p95_latency_ms: nearestRank(latencies, 0.95),
    failure_rate_1h: judged.length === 0 ? null : failed.length / judged.length,
  }
}

function speedOf(calls: readonly RecordedInference[]): number | null {
  const writing = calls.filter(({ completion_tokens, latency_ms = 0 }) => completion_tokens > 0 && latency_ms > 0)
  const tokens = sum(writing.map(({ completion_tokens }) => completion_tokens))
  const milliseconds = sum(writing.map(({ latency_ms = 0 }) => latency_ms))
  return milliseconds === 0 ? null : (tokens * 1000) / milliseconds
}

function nearestRank(ascending: readonly number[], share: number): number | null {
  return ascending[Math.ceil(share * ascending.length) - 1] ?? null
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
