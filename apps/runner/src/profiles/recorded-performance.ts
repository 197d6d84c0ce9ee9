import type { FlightEvent } from '@ctxlock/contracts/events'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { queryEvents, type EventCursor } from '@ctxlock/flight-recorder'
import { performanceSnapshots, type ModelPerformanceSnapshot, type RecordedInference } from '@ctxlock/governance'

const WINDOW_MS = 86_400_000
const PAGE = 1000

/** How models did in the calls that were recorded during the last day, and in nothing else (PROV-068). `now` in milliseconds since 1970. */
export function recordedPerformance(database: SqlDatabase, now: number): ModelPerformanceSnapshot[] {
  const from = new Date(now - WINDOW_MS).toISOString()
  const inferences: RecordedInference[] = []
  let after: EventCursor | undefined
  do {
    const page = queryEvents(database, { type: 'llm_inference', from }, { limit: PAGE, ...(after && { after }) })
    inferences.push(...page.events.flatMap(inferenceOf))
    after = page.next ?? undefined
  } while (after)
  return performanceSnapshots(inferences, new Date(now).toISOString())
}

function inferenceOf(event: FlightEvent): RecordedInference[] {
  if (event.type !== 'llm_inference' || event.payload.provider_id === undefined) return []
  const { provider_id, model_id, token_usage, latency_ms, error_code } = event.payload
  return [
    {
      provider_id,
      model_id,
      timestamp: event.timestamp,
      completion_tokens: token_usage.completion_tokens,
      ...(latency_ms !== undefined && { latency_ms }),
      ...(error_code !== undefined && { error_code }),
    },
  ]
}
