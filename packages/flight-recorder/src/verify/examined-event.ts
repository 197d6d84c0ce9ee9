import { EVENT_CATALOGUE, checkEvent, writeUnhashed } from '@ctxlock/contracts/events'
import type { FlightEvent } from '@ctxlock/contracts/events'
import { canonicalize, isHash, textHash } from '@ctxlock/core-hash'
import { Utf8Buffer } from '@ctxlock/core-hash/text-writer'

import type { BreakReason } from './report.ts'

/** One row of the log by itself, before its neighbours are looked at. */
export interface ExaminedEvent {
  /** Where the row stands, and the hash it claims. */
  readonly seq: number
  readonly hash: string
  /** What is wrong with it, wherever it stands. */
  readonly fault: BreakReason | undefined
  /** Where it says it stands, and after which hash; undefined when it cannot be believed. Without a text only its place is known. */
  readonly claim: { readonly seq: number; readonly prevHash: string | undefined } | undefined
  readonly event: FlightEvent | undefined
  /** Its text is not there; whether it may be gone an order of the log says. */
  readonly isEmpty: boolean
}

/**
 * Judges the stored bytes alone. They are untrusted: whoever can write the file can write anything. A signed hash is that of
 * bytes the recorder checked before it appended them, so there only the hash is compared.
 */
export function examineEvent(seq: number, text: unknown, hash: unknown, isSigned = false): ExaminedEvent {
  const whole = { seq, hash: String(hash), fault: undefined, isEmpty: false }
  const faulty = (fault: BreakReason) => ({ ...whole, fault, claim: undefined, event: undefined })
  if (text === null && isHash(hash)) {
    return { ...whole, claim: { seq, prevHash: undefined }, event: undefined, isEmpty: true }
  }
  if (typeof text !== 'string' || typeof hash !== 'string' || textHash(text) !== hash) return faulty('edited_event')
  const signed = isSigned ? parseSignedText(text) : undefined
  if (signed) {
    signed.event_hash = hash
    return { ...whole, claim: { seq: signed.seq, prevHash: signed.prev_hash }, event: signed }
  }
  const right = rightEvent(text, hash)
  if (right) return { ...whole, claim: { seq: right.seq, prevHash: right.prev_hash }, event: right }
  const value = parseCanonicalText(text)
  if (value === undefined) return faulty('not_canonical')
  const check = checkEvent({ ...value, event_hash: hash })
  if (!check.ok) return faulty('schema_violation')
  const { event } = check
  return { ...whole, claim: { seq: event.seq, prevHash: event.prev_hash }, event }
}

const TYPES: ReadonlySet<unknown> = new Set(EVENT_CATALOGUE.map(({ type }) => type))

/**
 * The event that was signed. Only the shape of what is read here is looked at: whoever changed the log before it was signed may have
 * put anything there, a value that overflows a stack too, which must not stop a verification; what is no event is then judged in full.
 */
function parseSignedText(text: string): FlightEvent | undefined {
  try {
    const value = JSON.parse(text)
    return hasShape(value) ? value : undefined
  } catch {
    return undefined
  }
}

function hasShape(value: FlightEvent): boolean {
  const { type, payload, seq, prev_hash } = value
  return (
    TYPES.has(type) &&
    typeof payload === 'object' &&
    payload !== null &&
    typeof seq === 'number' &&
    typeof prev_hash === 'string' &&
    (!('events_expected' in payload) || typeof payload.events_expected === 'number') &&
    keyValues(value).every((key) => key === undefined || typeof key === 'string')
  )
}

const written = new Utf8Buffer()
const anything = () => true

/** The event of a text that is right in every way. What is wrong with another one, the long way says. */
function rightEvent(text: string, hash: string): FlightEvent | undefined {
  const value = parseObject(text)
  written.clear()
  const isRight = value !== undefined && writeUnhashed(written, value, anything) && String(written) === text
  return isRight ? Object.assign(value, { event_hash: hash }) : undefined
}

function parseCanonicalText(text: string): object | undefined {
  const value = parseObject(text)
  try {
    return value && canonicalize(value) === text ? value : undefined
  } catch {
    return undefined
  }
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** The lookup keys of an event as one text, in the order of `KEYS`: what `KEYS_TEXT` of its row has to be. */
export function keysOf(event: FlightEvent): string {
  return JSON.stringify(keyValues(event))
}

function keyValues(event: FlightEvent): unknown[] {
  return [
    event.timestamp,
    event.event_id,
    event.type,
    event.workflow_run_id,
    event.job_id,
    event.trace_id,
    'call_id' in event.payload ? event.payload.call_id : undefined,
    event.model_session_id,
    event.wp_id,
    event.mt_id,
  ]
}
