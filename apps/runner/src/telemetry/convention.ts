// How events become spans, as data: one file for each version of a convention. Names of events and fields are ours, names of
// attributes are the convention's; neither knows the other.
import { fieldKind, type EventType } from '@ctxlock/contracts/events'

/** A value of an attribute: a word of the convention, or a field of the event. */
export type AttributeSource =
  | { readonly is: string }
  | {
      readonly from: string
      /** The convention's word for each of ours; another one is left out. */
      readonly words?: Readonly<Record<string, string>>
    }

export interface SpanRule {
  readonly event: EventType
  /** First word of the span's name. */
  readonly operation: string
  /** The field that follows it in the name. */
  readonly subject?: string
  readonly kind: 'client' | 'internal'
  /** The field with how long it took, in milliseconds up to the event's own time, or `run`: since the run's header. A moment when absent. */
  readonly took?: string
  /** A field that is there exactly when it failed. */
  readonly failed?: string
  readonly attributes: Readonly<Record<string, AttributeSource>>
}

export interface Convention {
  /** Name and version, such as `otel-genai@1.41.1`. */
  readonly id: string
  readonly schemaUrl?: string
  /** Of every span. */
  readonly common: Readonly<Record<string, AttributeSource>>
  readonly spans: readonly SpanRule[]
}

/** Fields with a name of its own choosing that a person configured, or the runner made. None is chosen by a source, a prompt or a server. */
const NAMES: ReadonlySet<string> = new Set([
  'model_id',
  'provider_id',
  'requested_model_id',
  'current_model_id',
  'target_model_id',
  'model_session_id',
  'workflow_run_id',
  'job_id',
])
/** Codes of our own errors and checks. */
const CODES: ReadonlySet<string> = new Set(['error_code', 'code', 'denied_check'])
/** Hashes that nobody without a key or a salt can find a text for by trying, and those of whole packs. */
const HASHES: ReadonlySet<string> = new Set([
  'event_hash',
  'prompt_hash',
  'response_hash',
  'wire_digest',
  'payload_digest',
  'answer_digest',
  'effective_hash',
  'requested_hash',
])

/**
 * Throws for a rule that names a field which could hold content: the one gate in front of everything that is sent. What passes it are
 * numbers, words of the catalogue, UUIDs, and the named ids, codes and hashes; never a text, a path or what a server said.
 */
export function checkConvention({ id, common, spans }: Convention): void {
  for (const { event, subject, took, failed, attributes } of spans) {
    const fields = Object.values({ ...common, ...attributes }).flatMap((source) => ('from' in source ? [source] : []))
    const named = [subject, took === 'run' ? undefined : took, failed].flatMap((from) =>
      from === undefined ? [] : [{ from }],
    )
    for (const field of [...fields, ...named]) {
      if (!mayBeSent(event, field)) throw new TypeError(`${id} may not send ${field.from} of ${event}`)
    }
  }
}

function mayBeSent(event: EventType, { from, words }: { readonly from: string; readonly words?: object }): boolean {
  const name = from.split('.').at(-1) ?? ''
  switch (fieldKind(event, from)) {
    case 'number':
    case 'boolean':
    case 'word':
    case 'uuid':
      return true
    case 'code':
      return words !== undefined || CODES.has(name)
    case 'hash':
      return HASHES.has(name)
    case 'identifier':
      return NAMES.has(name)
    default:
      return false
  }
}
