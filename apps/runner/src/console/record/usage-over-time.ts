import type { Amount, Usage, UsageAnswer } from '@ctxlock/console/record'
import type { CallUsage } from '@ctxlock/flight-recorder'

const MINUTE = 60_000
/** What people read on an axis. */
const WIDTHS = [1, 5, 15, 60, 240, 1440, 7 * 1440, 28 * 1440].map((minutes) => minutes * MINUTE)
const MOST_BUCKETS = 60

/** Calls by time, in at most sixty buckets of UTC, and by model. What is not known of a call is counted apart, never as zero. */
export function usageOverTime(calls: readonly CallUsage[]): UsageAnswer {
  const [first, last] = [timeOf(calls[0]), timeOf(calls.at(-1))]
  const width =
    WIDTHS.find((one) => bucketOf(last, one) - bucketOf(first, one) < MOST_BUCKETS * one) ?? WIDTHS.at(-1) ?? MINUTE
  const byBucket = Map.groupBy(calls, (call) => bucketOf(timeOf(call), width))
  const count = calls.length === 0 ? 0 : (bucketOf(last, width) - bucketOf(first, width)) / width + 1
  return {
    bucket_ms: width,
    buckets: Array.from({ length: count }, (_, at) => {
      const start = bucketOf(first, width) + at * width
      return { at: new Date(start).toISOString(), ...usageOf(byBucket.get(start) ?? []) }
    }),
    models: [...Map.groupBy(calls, ({ providerId, modelId }) => JSON.stringify([providerId, modelId])).values()]
      .map((own) => ({ provider_id: own[0]?.providerId ?? '', model_id: own[0]?.modelId ?? '', ...usageOf(own) }))
      .toSorted((one, other) => other.calls - one.calls),
  }
}

const timeOf = (call: CallUsage | undefined): number => Date.parse(call?.at ?? '1970-01-01T00:00:00.000Z')
const bucketOf = (time: number, width: number): number => Math.floor(time / width) * width

function usageOf(calls: readonly CallUsage[]): Usage {
  return {
    calls: calls.length,
    prompt_tokens: amountOf(calls.map(({ promptTokens }) => promptTokens)),
    cached_tokens: amountOf(calls.map(({ cachedTokens }) => cachedTokens)),
    completion_tokens: amountOf(calls.map(({ completionTokens }) => completionTokens)),
    cost_micro_usd: amountOf(calls.map(({ costMicroUsd }) => costMicroUsd)),
    latency_ms: latencyOf(calls.map(({ latencyMs }) => latencyMs)),
    estimated: calls.filter(({ isEstimated }) => isEstimated).length,
  }
}

function amountOf(values: readonly (number | undefined)[]): Amount {
  const known = values.filter((value) => value !== undefined)
  const sum = known.length === 0 ? null : known.reduce((one, other) => one + other, 0)
  return { known: sum, unknown: values.length - known.length }
}

function latencyOf(values: readonly (number | undefined)[]): Usage['latency_ms'] {
  const known = values.filter((value) => value !== undefined).toSorted((one, other) => one - other)
  const below = (part: number) => known[Math.max(0, Math.ceil(part * known.length) - 1)] ?? 0
  return known.length === 0 ? null : { half: below(0.5), most: below(0.95) }
}
