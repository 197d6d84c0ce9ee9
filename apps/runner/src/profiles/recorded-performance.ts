import type { FlightEvent } from '@ctxlock/contracts/events'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { queryEvents, type EventCursor } from '@ctxlock/flight-recorder'
import { performanceSnapshots, type ModelPerformanceSnapshot, type RecordedInference } from '@ctxlock/governance'

const WINDOW_MS = 86_400_000
const PAGE = 1000

/** How models did in the calls that were recorded during the last day, and in nothing else (PROV-068). `now` in milliseconds since 1970. */
export function recordedPerformance(database: SqlDatabase, now: number): ModelPerformanceSnapshot[] {
  const from = new Date(now - WINDOW_MS).toISOString()
  const sizes = new Map<string, number>()
  for (const { type, payload } of eventsOf(database, 'call_settled', from))
    if (type === 'call_settled' && payload.answer_size !== undefined) sizes.set(payload.call_id, payload.answer_size)
  const inferences = eventsOf(database, 'llm_inference', from).flatMap((event) => inferenceOf(event, sizes))
  return performanceSnapshots(inferences, new Date(now).toISOString())
}

function eventsOf(database: SqlDatabase, type: FlightEvent['type'], from: string): FlightEvent[] {
  const events: FlightEvent[] = []
  let after: EventCursor | undefined
  do {
    const page = queryEvents(database, { type, from }, { limit: PAGE, ...(after && { after }) })
    events.push(...page.events)
    after = page.next ?? undefined
  } while (after)
  return events
}

/** The server counts its own tokens, and would be chosen for having made them up: no token is shorter than a byte of the answer. */
function inferenceOf(event: FlightEvent, sizes: ReadonlyMap<string, number>): RecordedInference[] {
  if (event.type !== 'llm_inference' || event.payload.provider_id === undefined) return []
  const { call_id = '', provider_id, model_id, token_usage, latency_ms, error_code } = event.payload
  return [
    {
      provider_id,
      model_id,
      timestamp: event.timestamp,
      completion_tokens: Math.min(token_usage.completion_tokens, sizes.get(call_id) ?? 0),
      ...(latency_ms !== undefined && { latency_ms }),
      ...(error_code !== undefined && { error_code }),
    },
  ]
}
