import { EVENT_CATALOGUE, MAX_EVENT_BYTES, RECORDER_FIELDS, checkUnhashed } from '@ctxlock/contracts/events'
import type { EventDraft, EventProblem, UnhashedEvent } from '@ctxlock/contracts/events'
import type { Clock, RandomSource, Redactor, SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { textHash } from '@ctxlock/core-hash'

import { catchUpKeys } from './event-keys.ts'
import { eventText } from './event-text.ts'
import { GENESIS_HASH, headReader, prepareTables } from './log-tables.ts'
import { RecorderError, onDatabase } from './recorder-error.ts'
import { createRedaction } from './redaction.ts'
import { growRange } from './tree/compact-range.ts'
import { eventLeafHash } from './tree/merkle-hash.ts'

/** Random bytes in every event, so that nobody can find out what it said by guessing once it is erased. */
const SALT_BYTES = 16
const SALT_DIGITS = 2 * SALT_BYTES

export interface RecorderOptions {
  /** The host's connection, with `PRAGMA synchronous` at FULL or EXTRA. */
  readonly database: SqlDatabase
  readonly redactor: Redactor
  readonly clock: Pick<Clock, 'now'>
  readonly random: Pick<RandomSource, 'uuid' | 'bytes'>
  /** Told of the events of every append; they are durable when the host's transaction is, if there is one. */
  readonly onAppend?: (events: readonly UnhashedEvent[]) => void
}

export interface Receipt {
  readonly seq: number
  readonly event_id: string
  readonly event_hash: string
  /** False inside a transaction of the host: the event is durable when that transaction's COMMIT has returned. */
  readonly durable: boolean
  /** True for a security violation that was recorded before; the receipt is then of the earlier event (REC-021). */
  readonly duplicate: boolean
}

type RunEndDraft = Extract<EventDraft, { type: 'run_end' }>
/** A `run_end` whose `events_expected` the recorder counts. */
export type RunEnd = Omit<RunEndDraft, 'payload'> & {
  readonly payload: Omit<RunEndDraft['payload'], 'events_expected'>
}

export interface Recorder {
  /**
   * Validates, redacts and appends one event (REC-001..004, REC-010..013). Returns when the event is durable, or when it is
   * part of the host's open transaction, which then decides.
   */
  record(draft: EventDraft): Receipt
  /** The same for several events in one transaction: all of them, or none. */
  recordAll(drafts: readonly EventDraft[]): Receipt[]
  /** Records the end of a run with the number of its events, counted in the same transaction. */
  recordRunEnd(draft: RunEnd): Receipt
}

/**
 * Opens the log in the host's database. There is no buffer and nothing to flush: an event is durable when the COMMIT
 * around it has returned. Codes: HSK-400-INVALID-EVENT, HSK-500-DB, HSK-409-LOG-VERSION.
 */
export function openRecorder({ database, redactor, clock, random, onAppend }: RecorderOptions): Recorder {
  onDatabase('Opening the log', () => {
    checkDurability(database)
    prepareTables(database, random)
  })
  const redact = createRedaction(redactor)
  const readHead = headReader(database)
  const insertEvent = database.prepare('INSERT INTO flight_event (seq, event_hash, event) VALUES (?, ?, ?)')
  const updateHead = database.prepare('UPDATE flight_head SET count = ?, last_hash = ?, edge = ? WHERE id = 1')
  const insertViolation = database.prepare(
    'INSERT OR REPLACE INTO flight_violation (idempotency_key, seq) VALUES (?, ?)',
  )
  // The event itself must carry the key: an edited lookup row must not be able to suppress a violation.
  const selectViolation = database.prepare(
    `SELECT e.seq, e.event ->> '$.event_id' AS event_id, e.event_hash
     FROM flight_violation v JOIN flight_event e USING (seq)
     WHERE v.idempotency_key = ? AND e.event ->> '$.type' = 'security_violation'
       AND e.event ->> '$.payload.idempotency_key' = v.idempotency_key`,
  )
  const countOfRun = database.prepare('SELECT count(*) AS count FROM flight_key WHERE workflow_run_id = ?')

  function recordAll(drafts: readonly EventDraft[]): Receipt[] {
    const events = prepareAll(drafts)
    return committing(() => append(events))
  }

  function record(draft: EventDraft): Receipt {
    return only(recordAll([draft]))
  }

  function recordRunEnd(draft: RunEnd): Receipt {
    const ends = prepareAll([{ ...draft, payload: { ...draft.payload, events_expected: 1 } }])
    const receipts = committing(() => {
      catchUpKeys(database)
      for (const end of ends) {
        const recorded = Number(countOfRun.get(end.workflow_run_id ?? '')?.['count'])
        if (end.type === 'run_end') end.payload.events_expected = recorded + 1
      }
      return append(ends)
    })
    return only(receipts)
  }

  /** Checks and redacts before any transaction begins; `append` fills in the place in the chain. */
  function prepareAll(drafts: readonly EventDraft[]): UnhashedEvent[] {
    const timestamp = new Date(clock.now()).toISOString()
    const salts = Buffer.from(random.bytes(SALT_BYTES * drafts.length)).toString('hex')
    return drafts.map((draft, index) =>
      prepare(draft, timestamp, salts.slice(index * SALT_DIGITS, (index + 1) * SALT_DIGITS)),
    )
  }

  function prepare(draft: EventDraft, timestamp: string, salt: string): UnhashedEvent {
    if (typeof draft !== 'object' || draft === null) {
      throw invalid({ fr_event_id: '' }, { reason: 'not_an_object', pointer: '', expected: 'a JSON object' })
    }
    const foreign = RECORDER_FIELDS.find((field) => Object.hasOwn(draft, field))
    if (foreign) {
      throw invalid(draft, { reason: 'schema', pointer: `/${foreign}`, expected: 'absent: the recorder sets it' })
    }
    const event = checked(draft, {
      ...draft,
      schema_version: 'hsk.fr_event@1',
      event_id: random.uuid(),
      timestamp,
      salt,
      seq: 1,
      prev_hash: GENESIS_HASH,
    })
    return redact(event) ? checked(draft, event) : event
  }

  function append(events: readonly UnhashedEvent[]): Receipt[] {
    let { count, lastHash, edge } = readHead()
    const tree = growRange({ size: count, hashes: edge })
    const receipts = events.map((event): Receipt => {
      const key = event.type === 'security_violation' ? event.payload.idempotency_key : undefined
      const earlier = key === undefined ? undefined : selectViolation.get(key)
      if (earlier) return { ...receiptOf(earlier), duplicate: true }

      count += 1
      event.seq = count
      event.prev_hash = lastHash
      const text = textOf(event)
      lastHash = textHash(text)
      insertEvent.run(count, lastHash, text)
      tree.append(eventLeafHash(lastHash))
      if (key !== undefined) insertViolation.run(key, count)
      return { seq: count, event_id: event.event_id, event_hash: lastHash, durable: true, duplicate: false }
    })
    updateHead.run(count, lastHash, tree.range().hashes.join(''))
    onAppend?.(events)
    return receipts
  }

  function committing(work: () => Receipt[]): Receipt[] {
    return onDatabase('Recording an event', () => {
      const isHosts = database.isTransaction
      const receipts = inTransaction(database, work)
      return isHosts ? receipts.map((receipt) => ({ ...receipt, durable: false })) : receipts
    })
  }

  return { record, recordAll, recordRunEnd }
}

function textOf(event: UnhashedEvent): string {
  const text = eventText(event)
  // A unit of a string has at most three bytes.
  if (3 * text.length <= MAX_EVENT_BYTES || Buffer.byteLength(text) <= MAX_EVENT_BYTES) return text
  throw invalid(event, { reason: 'schema', pointer: '', expected: `at most ${MAX_EVENT_BYTES} bytes` })
}

function checked(draft: { readonly fr_event_id: string }, event: object): UnhashedEvent {
  const check = checkUnhashed(event)
  if (!check.ok) throw invalid(draft, check.problem)
  return check.event
}

/** Says what the event had to be. Nothing of the draft is repeated but an id of our own catalogue. */
function invalid(draft: { readonly fr_event_id: string }, problem: EventProblem): RecorderError {
  const known = EVENT_CATALOGUE.find(({ fr_event_id }) => fr_event_id === draft.fr_event_id)
  const name = known ? `${known.fr_event_id} ${known.type}` : 'An event of an unknown id'
  const message = `${name} is refused (${problem.reason}): expected ${problem.pointer || 'it'} to be ${problem.expected}.`
  return new RecorderError('HSK-400-INVALID-EVENT', message, { problem })
}

function receiptOf(row: Record<string, unknown>): Omit<Receipt, 'duplicate'> {
  return {
    seq: Number(row['seq']),
    event_id: String(row['event_id']),
    event_hash: String(row['event_hash']),
    durable: true,
  }
}

function only(receipts: readonly Receipt[]): Receipt {
  const [receipt] = receipts
  if (!receipt) throw new RecorderError('HSK-500-DB', 'The log gave no receipt.')
  return receipt
}

/** An event must survive a power cut before its action happens, so a connection that does not wait for the disk is refused. */
function checkDurability(database: SqlDatabase): void {
  const synchronous = Number(database.prepare('PRAGMA synchronous').get()?.['synchronous'])
  if (!(synchronous >= 2)) {
    throw new RecorderError(
      'HSK-500-DB',
      `Expected PRAGMA synchronous = FULL, found ${synchronous}: set it before opening the log.`,
    )
  }
}
