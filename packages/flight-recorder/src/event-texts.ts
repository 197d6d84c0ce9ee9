import {
  EVENT_CATALOGUE,
  MAX_EVENT_BYTES,
  RECORDER_FIELDS,
  checkUnhashed,
  writeUnhashed,
} from '@ctxlock/contracts/events'
import type { EventDraft, EventProblem, UnhashedEvent } from '@ctxlock/contracts/events'
import type { Clock, RandomSource, Redactor } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/contracts/primitives'
import { Utf8Buffer } from '@ctxlock/core-hash/text-writer'

import { GENESIS_HASH } from './log-tables.ts'
import { randomIds } from './random-ids.ts'
import { RecorderError } from './recorder-error.ts'
import { createRedaction } from './redaction.ts'

/** Random bytes in every event, so that nobody can find out what it said by guessing once it is erased. */
const SALT_BYTES = 16
const SALT_DIGITS = 2 * SALT_BYTES
const ID_BYTES = 16

// Until an event has its place it stands behind nothing, at a position of one digit, with room behind it for the other digits.
const NO_PLACE = { prev_hash: GENESIS_HASH, schema_version: 'hsk.fr_event@1', seq: 1 } as const
const SEQ_DIGITS = 1
const MORE_SEQ_DIGITS = String(Number.MAX_SAFE_INTEGER).length - SEQ_DIGITS
/** From the digits of `prev_hash` to those of `seq`: between them only the recorder's own fields follow in canonical order. */
const HASH_TO_SEQ =
  `${GENESIS_HASH}","salt":"${'0'.repeat(SALT_DIGITS)}","schema_version":"${NO_PLACE.schema_version}","seq":`.length

interface OwnFields extends Readonly<typeof NO_PLACE> {
  readonly event_id: string
  readonly timestamp: string
  readonly salt: string
}

/** An event that was checked, redacted and written, and waits for its place in the chain. */
export interface EventText {
  readonly eventId: string
  /** Of a security violation. */
  readonly idempotencyKey: string | undefined
  /** Offsets in the buffer of what belongs to it, and of the digits of its `prev_hash`. */
  readonly start: number
  readonly end: number
  readonly hashAt: number
}

export interface EventTexts {
  /** Calls `use` with the texts of the drafts, which stay until it returns. Code: HSK-400-INVALID-EVENT, before that. */
  prepare<T>(drafts: readonly EventDraft[], use: (texts: readonly EventText[]) => T): T
  /** The same for an event that was read from such a text and changed. */
  prepareAgain<T>(event: UnhashedEvent, use: (texts: readonly EventText[]) => T): T
  /** Gives an event its place: its canonical bytes, to be used at once (REC-008). Code: HSK-400-INVALID-EVENT when they are too many. */
  place(text: EventText, seq: number, prevHash: Hash): Uint8Array
  /** An event that has no place yet. */
  read(text: EventText): UnhashedEvent
}

/** The event whose bytes the recorder wrote. */
export function eventOf(bytes: Uint8Array): UnhashedEvent {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString())
}

export interface EventTextOptions {
  readonly redactor: Redactor
  readonly clock: Pick<Clock, 'now'>
  readonly random: Pick<RandomSource, 'bytes'>
}

/** Makes canonical texts of drafts, all in one buffer: an event becomes bytes once, and nothing else is made of it. */
export function createEventTexts({ redactor, clock, random }: EventTextOptions): EventTexts {
  const out = new Utf8Buffer()
  const redaction = createRedaction(redactor)

  function prepare<T>(drafts: readonly EventDraft[], use: (texts: readonly EventText[]) => T): T {
    return keeping(() => {
      redaction.refresh()
      const timestamp = new Date(clock.now()).toISOString()
      const salts = Buffer.from(random.bytes(SALT_BYTES * drafts.length)).toString('hex')
      const ids = randomIds(random.bytes(ID_BYTES * drafts.length))
      return drafts.map((draft, index) => {
        const salt = salts.slice(index * SALT_DIGITS, (index + 1) * SALT_DIGITS)
        return write(draft, { ...NO_PLACE, event_id: ids[index] ?? '', timestamp, salt })
      })
    }, use)
  }

  /** Whoever is called meanwhile may record as well: its texts stand behind these, also behind one that is half written. */
  function keeping<T>(make: () => readonly EventText[], use: (texts: readonly EventText[]) => T): T {
    const { length: start, mark } = out
    try {
      return use(make())
    } finally {
      out.length = start
      out.mark = mark
      if (start === 0) out.clear()
    }
  }

  function write(draft: EventDraft, own: OwnFields): EventText {
    if (typeof draft !== 'object' || draft === null) {
      throw invalid('', { reason: 'not_an_object', pointer: '', expected: 'a JSON object' })
    }
    const foreign = RECORDER_FIELDS.find((field) => Object.hasOwn(draft, field))
    if (foreign) {
      throw invalid(draft.fr_event_id, {
        reason: 'schema',
        pointer: `/${foreign}`,
        expected: 'absent: the recorder sets it',
      })
    }
    const event = { ...draft, ...own }
    const start = out.length
    return writeUnhashed(out, event, redaction.isClean) ? written(start, event) : writeCarefully(event)
  }

  /** What is wrong, unusual or has something to redact. */
  function writeCarefully(event: { readonly fr_event_id: string }): EventText {
    const taken = checked(event)
    return writeTaken(redaction.redact(taken) ? checked(taken) : taken)
  }

  function writeTaken(event: UnhashedEvent): EventText {
    const start = out.length
    if (!writeUnhashed(out, event, () => true)) throw new TypeError('an event that was taken can be written')
    return written(start, event)
  }

  function written(start: number, { event_id, type }: Pick<UnhashedEvent, 'event_id' | 'type'>): EventText {
    const end = out.length
    out.reserve(MORE_SEQ_DIGITS)
    out.length += MORE_SEQ_DIGITS
    const idempotencyKey = type === 'security_violation' ? violationKey(read({ start, end })) : undefined
    return { eventId: event_id, idempotencyKey, start, end, hashAt: out.mark }
  }

  function place({ start, end, hashAt }: EventText, seq: number, prevHash: Hash): Uint8Array {
    const digits = String(seq)
    const seqAt = hashAt + HASH_TO_SEQ
    const length = end - start + digits.length - SEQ_DIGITS
    if (length > MAX_EVENT_BYTES) {
      const expected = `at most ${MAX_EVENT_BYTES} bytes`
      throw invalid(read({ start, end }).fr_event_id, { reason: 'schema', pointer: '', expected })
    }
    out.overwrite(hashAt, prevHash)
    out.bytes.copyWithin(seqAt + digits.length, seqAt + SEQ_DIGITS, end)
    out.overwrite(seqAt, digits)
    return out.bytes.subarray(start, start + length)
  }

  function read({ start, end }: Pick<EventText, 'start' | 'end'>): UnhashedEvent {
    return eventOf(out.bytes.subarray(start, end))
  }

  return {
    prepare,
    prepareAgain: (event, use) => keeping(() => [writeTaken(event)], use),
    place,
    read,
  }
}

function violationKey(event: UnhashedEvent): string | undefined {
  return event.type === 'security_violation' ? event.payload.idempotency_key : undefined
}

function checked(event: { readonly fr_event_id: string }): UnhashedEvent {
  const check = checkUnhashed(event)
  if (check.ok) return check.event
  throw invalid(event.fr_event_id, check.problem)
}

/** Says what the event had to be. Nothing of the draft is repeated but an id of our own catalogue. */
function invalid(id: string, problem: EventProblem): RecorderError {
  const known = EVENT_CATALOGUE.find(({ fr_event_id }) => fr_event_id === id)
  const name = known ? `${known.fr_event_id} ${known.type}` : 'An event of an unknown id'
  const message = `${name} is refused (${problem.reason}): expected ${problem.pointer || 'it'} to be ${problem.expected}.`
  return new RecorderError('HSK-400-INVALID-EVENT', message, { problem })
}
