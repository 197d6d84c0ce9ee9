import type { EventOf, FlightEvent } from '@ctxlock/contracts/events'
import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { queryEvents } from './query.ts'

type Payload<Type extends FlightEvent['type']> = EventOf<Type>['payload']

/** Everything the log knows about one call (REC-035). A part nobody recorded is null, and named in `missing`. */
export interface CallExplanation {
  readonly trace_id: string
  readonly identity: Payload<'context_pack_bound'>['identity'] | null
  readonly binding: Payload<'context_pack_bound'> | null
  readonly packs: readonly EventOf<
    'context_pack_built' | 'context_pack_reused' | 'context_pack_refreshed' | 'context_pack_stale_outcome'
  >[]
  readonly snapshot: { readonly id: string; readonly hash: string } | null
  readonly query_plan: Payload<'ace_call_report'>['query_plan'] | null
  readonly retrieval_trace: Payload<'ace_call_report'>['retrieval_trace'] | null
  readonly guard_report: Payload<'ace_call_report'>['guard_report'] | null
  readonly intent: EventOf<'call_intent'> | null
  readonly inference: EventOf<'llm_inference'> | null
  readonly settlement: EventOf<'call_settled'> | null
  readonly violations: readonly EventOf<'security_violation'>[]
  /** Cloud escalation, swaps and everything else of the trace, in order. */
  readonly others: readonly FlightEvent[]
  /** What was not found, and positions of damaged events: never silently absent (REC-031, REC-034). */
  readonly missing: readonly string[]
}

/** Brings together the events of one trace. When a part was recorded more than once the newest counts. Codes: HSK-500-DB. */
export function explainCall(database: SqlDatabase, traceId: string): CallExplanation {
  const { events, damaged } = readAll(database, traceId)
  const newest = <Type extends FlightEvent['type']>(type: Type) => events.findLast(isOf(type)) ?? null

  const report = newest('ace_call_report')?.payload
  const binding = newest('context_pack_bound')?.payload ?? null
  const parts = {
    identity: binding?.identity ?? newest('llm_inference')?.payload.role_execution_identity ?? null,
    binding,
    snapshot: report ? { id: report.context_snapshot_id, hash: report.snapshot_hash } : null,
    query_plan: report?.query_plan ?? null,
    retrieval_trace: report?.retrieval_trace ?? null,
    guard_report: report?.guard_report ?? null,
    intent: newest('call_intent'),
    inference: newest('llm_inference'),
    settlement: newest('call_settled'),
  }
  const absent = Object.entries(parts).flatMap(([name, part]) => (part === null ? [name] : []))
  return {
    trace_id: traceId,
    ...parts,
    packs: events.filter(isPackEvent),
    violations: events.filter(isOf('security_violation')),
    others: events.filter((event) => !EXPLAINED.has(event.type)),
    missing: [...absent, ...damaged.map((seq) => `event ${seq} is damaged`)],
  }
}

const PACK_TYPES = [
  'context_pack_built',
  'context_pack_reused',
  'context_pack_refreshed',
  'context_pack_stale_outcome',
] as const
const EXPLAINED: ReadonlySet<FlightEvent['type']> = new Set([
  ...PACK_TYPES,
  'ace_call_report',
  'context_pack_bound',
  'call_intent',
  'llm_inference',
  'call_settled',
  'security_violation',
])

function isOf<Type extends FlightEvent['type']>(type: Type) {
  return (event: FlightEvent): event is EventOf<Type> => event.type === type
}

function isPackEvent(event: FlightEvent): event is EventOf<(typeof PACK_TYPES)[number]> {
  return PACK_TYPES.some((type) => type === event.type)
}

function readAll(database: SqlDatabase, traceId: string) {
  const events: FlightEvent[] = []
  const damaged: number[] = []
  let after: Parameters<typeof queryEvents>[2]['after']
  for (;;) {
    const page = queryEvents(database, { traceId }, { limit: 1000, ...(after ? { after } : {}) })
    events.push(...page.events)
    damaged.push(...page.damaged)
    if (!page.next) return { events, damaged }
    after = page.next
  }
}
