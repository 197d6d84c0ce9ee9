import { hash } from 'node:crypto'

import type { FlightEvent } from '@ctxlock/contracts/events'

import type { AttributeSource, Convention, SpanRule } from './convention.ts'

/** One span, before it is encoded. Times are milliseconds since the Unix epoch. */
export interface EventSpan {
  /** 16 and 8 bytes in hex. They follow from ids of the log, so a span that is sent again is the same span. */
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly kind: SpanRule['kind']
  readonly startedAt: number
  readonly endedAt: number
  readonly failed: boolean
  readonly attributes: Readonly<Record<string, string | number | boolean>>
}

/** A name a person configured, or an id the runner made; anything else under its field is left out. */
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}$/

/**
 * The span of an event; undefined for one the convention has no rule for. `runStartedAt` says when the header of a run was recorded.
 * The convention was checked: `findConvention`.
 */
export function eventSpan(
  event: FlightEvent,
  { common, spans }: Convention,
  runStartedAt: (runId: string) => number | undefined,
): EventSpan | undefined {
  const rule = spans.find((each) => each.event === event.type)
  if (!rule) return undefined
  const { workflow_run_id: run } = event
  const endedAt = Date.parse(event.timestamp)
  const isRun = rule.took === 'run'
  const startedAt = isRun ? (runStartedAt(run ?? '') ?? endedAt) : endedAt - durationOf(event, rule)
  const subject = rule.subject === undefined ? undefined : valueAt(event, { from: rule.subject })
  return {
    traceId: traceIdOf(run ?? event.trace_id),
    spanId: isRun && run !== undefined ? spanIdOf(run) : spanIdOf(event.event_id),
    parentSpanId: isRun || run === undefined ? undefined : spanIdOf(run),
    name: subject === undefined ? rule.operation : `${rule.operation} ${subject}`,
    kind: rule.kind,
    startedAt: Math.min(startedAt, endedAt),
    endedAt,
    failed: rule.failed !== undefined && valueAt(event, { from: rule.failed }) !== undefined,
    attributes: attributesOf(event, { ...common, ...rule.attributes }),
  }
}

function durationOf(event: FlightEvent, { took }: SpanRule): number {
  const duration = took === undefined ? 0 : valueAt(event, { from: took })
  return typeof duration === 'number' ? duration : 0
}

function attributesOf(event: FlightEvent, sources: Readonly<Record<string, AttributeSource>>): EventSpan['attributes'] {
  const attributes: Record<string, string | number | boolean> = {}
  for (const [name, source] of Object.entries(sources)) {
    const value = 'is' in source ? source.is : isUncounted(event, source.from) ? undefined : valueAt(event, source)
    if (value !== undefined) attributes[name] = value
  }
  return attributes
}

/** Where nobody counted, the record has 0 for want of a word (PROV-006); a receiver would add that up. */
function isUncounted(event: FlightEvent, from: string): boolean {
  const isOfUsage = from.startsWith('payload.token_usage.')
  return isOfUsage && event.type === 'llm_inference' && (event.payload.usage_source ?? 'none') === 'none'
}

function valueAt(
  event: FlightEvent,
  { from, words }: Extract<AttributeSource, { from: string }>,
): string | number | boolean | undefined {
  let value: unknown = event
  for (const key of from.split('.'))
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
  if (words) return Object.hasOwn(words, String(value)) ? words[String(value)] : undefined
  if (typeof value === 'number' || typeof value === 'boolean') return value
  return typeof value === 'string' && PLAIN_NAME.test(value) ? value : undefined
}

function spanIdOf(id: string): string {
  return hash('sha256', id).slice(0, 16)
}

/** A run is a trace; its id is that of the run, so that it can be found by it. */
function traceIdOf(id: string): string {
  const hex = id.replaceAll('-', '')
  return /^[0-9a-f]{32}$/.test(hex) ? hex : hash('sha256', id).slice(0, 32)
}
