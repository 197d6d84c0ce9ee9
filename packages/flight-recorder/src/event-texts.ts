import {
  EVENT_CATALOGUE,
  MAX_EVENT_BYTES,
  RECORDER_FIELDS,
  checkUnhashed,
  writeDraft,
  writeUnhashed,
} from '@ctxlock/contracts/events'
import type { EventDraft, EventProblem, UnhashedEvent } from '@ctxlock/contracts/events'
import type { Clock, RandomSource, Redactor } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/contracts/primitives'
import { fixedText, Utf8Buffer } from '@ctxlock/core-hash/text-writer'

import { GENESIS_HASH } from './log-tables.ts'
import { RecorderError } from './recorder-error.ts'
import { createRedaction } from './redaction.ts'
import { SALT_DIGITS, saltedIds } from './salted-ids.ts'
import type { SaltedId } from './salted-ids.ts'

const SCHEMA_VERSION = 'hsk.fr_event@1'
const MOST_SEQ_DIGITS = String(Number.MAX_SAFE_INTEGER).length
/** From the digits of `prev_hash` to those of `seq`: between them only the recorder's own fields follow in canonical order. */
const HASH_TO_SEQ = `${GENESIS_HASH}","salt":"${'0'.repeat(SALT_DIGITS)}","schema_version":"${SCHEMA_VERSION}","seq":`
  .length

const NO_HASH = fixedText(`"${GENESIS_HASH}"`)
const SCHEMA_VERSION_TEXT = fixedText(`"${SCHEMA_VERSION}"`)
const TIMESTAMP_LENGTH = new Date(0).toISOString().length

type OwnFields = Pick<UnhashedEvent, 'event_id' | 'salt' | 'seq' | 'timestamp'>

/** An event that was checked, redacted and written, and waits for its place in the chain. */
export interface EventText {
  readonly eventId: string
  /** Of a security violation. */
  readonly idempotencyKey: string | undefined
  /** Offsets in the buffer of what belongs to it, and of the digits of its `prev_hash`. */
  readonly start: number
  readonly end: number
  readonly hashAt: number
  readonly seqDigits: number
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
  const nextId = saltedIds(random)
  /** Until an event has its place it stands behind nothing, at the position after the last one that was given: it has as many digits. */
  let likelySeq = 1

  function prepare<T>(drafts: readonly EventDraft[], use: (texts: readonly EventText[]) => T): T {
    return keeping(() => {
      redaction.refresh()
      const write = draftWriter(new Date(clock.now()).toISOString())
      return drafts.map(write)
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

  /** Writes drafts of one moment. */
  function draftWriter(timestamp: string): (draft: EventDraft) => EventText {
    const seq = likelySeq
    const [timestampText, seqText] = [fixedText(`"${timestamp}"`), fixedText(String(seq))]
    // Of the draft that is being written: one function serves all of them.
    let current: SaltedId | undefined
    const writeOwn = (to: Utf8Buffer, name: string): void => {
      switch (name) {
        case 'event_id':
          return current?.writeId(to)
        case 'prev_hash':
          return to.fixed(NO_HASH)
        case 'salt':
          return current?.writeSalt(to)
        case 'schema_version':
          return to.fixed(SCHEMA_VERSION_TEXT)
        case 'seq':
          return to.fixed(seqText)
        case 'timestamp':
          return to.fixed(timestampText)
        default:
          throw new TypeError(`expected a field of the recorder, got ${name}`)
      }
    }
    return (draft) => {
      if (typeof draft !== 'object' || draft === null) {
        throw invalid('', { reason: 'not_an_object', pointer: '', expected: 'a JSON object' })
      }
      const [own, start] = [nextId(), out.length]
      current = own
      const isWritten = timestamp.length === TIMESTAMP_LENGTH && writeDraft(out, draft, redaction.isClean, writeOwn)
      if (isWritten) return written(start, { event_id: own.id, type: draft.type, seq })
      return writeCarefully(draft, { event_id: own.id, salt: own.salt, seq, timestamp })
    }
  }

  /** What is wrong, unusual or has something to redact. */
  function writeCarefully(draft: EventDraft, own: OwnFields): EventText {
    const foreign = RECORDER_FIELDS.find((field) => Object.hasOwn(draft, field))
    if (foreign) {
      const expected = 'absent: the recorder sets it'
      throw invalid(draft.fr_event_id, { reason: 'schema', pointer: `/${foreign}`, expected })
    }
    const event = { ...draft, ...own, prev_hash: GENESIS_HASH, schema_version: SCHEMA_VERSION }
    const taken = checked(event)
    return writeTaken(redaction.redact(taken) ? checked(taken) : taken)
  }

  function writeTaken(event: UnhashedEvent): EventText {
    const start = out.length
    if (!writeUnhashed(out, event, anything)) throw new TypeError('an event that was taken can be written')
    return written(start, event)
  }

  function written(start: number, event: Pick<UnhashedEvent, 'event_id' | 'type' | 'seq'>): EventText {
    const end = out.length
    // Room for the other digits of its position.
    out.reserve(MOST_SEQ_DIGITS)
    out.length += MOST_SEQ_DIGITS
    const idempotencyKey = event.type === 'security_violation' ? violationKey(read({ start, end })) : undefined
    return {
      eventId: event.event_id,
      idempotencyKey,
      start,
      end,
      hashAt: out.mark,
      seqDigits: String(event.seq).length,
    }
  }

  function place({ start, end, hashAt, seqDigits }: EventText, seq: number, prevHash: Hash): Uint8Array {
    const digits = String(seq)
    const seqAt = hashAt + HASH_TO_SEQ
    const moved = digits.length - seqDigits
    const length = end - start + moved
    if (length > MAX_EVENT_BYTES) {
      const expected = `at most ${MAX_EVENT_BYTES} bytes`
      throw invalid(read({ start, end }).fr_event_id, { reason: 'schema', pointer: '', expected })
    }
    out.overwrite(hashAt, prevHash)
    if (moved !== 0) out.bytes.copyWithin(seqAt + digits.length, seqAt + seqDigits, end)
    out.overwrite(seqAt, digits)
    likelySeq = seq + 1
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

/** What was redacted before. */
const anything = () => true

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
