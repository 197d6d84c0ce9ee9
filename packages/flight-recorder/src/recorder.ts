import type { EventDraft, UnhashedEvent } from '@ctxlock/contracts/events'
import type { Clock, RandomSource, Redactor, SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { bytesHash } from '@ctxlock/core-hash'

import { catchUpKeys } from './event-keys.ts'
import { createEventTexts, eventOf } from './event-texts.ts'
import type { EventText } from './event-texts.ts'
import { headReader, prepareTables } from './log-tables.ts'
import { RecorderError, onDatabase } from './recorder-error.ts'
import { textOf } from './segment/segment-files.ts'

export interface RecorderOptions {
  /** The host's connection, with `PRAGMA synchronous` at FULL or EXTRA. */
  readonly database: SqlDatabase
  readonly redactor: Redactor
  readonly clock: Pick<Clock, 'now'>
  readonly random: Pick<RandomSource, 'uuid' | 'bytes'>
  /** Told of the events that were appended, each time; they are durable when the host's transaction is, if there is one. */
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
 * around it has returned. Codes: HSK-400-INVALID-EVENT, HSK-500-DB, HSK-409-LOG-VERSION, HSK-409-LOG-DIVERGED.
 */
export function openRecorder({ database, redactor, clock, random, onAppend }: RecorderOptions): Recorder {
  onDatabase('Opening the log', () => {
    checkDurability(database)
    checkEncoding(database)
    prepareTables(database, random)
  })
  const texts = createEventTexts({ redactor, clock, random })
  const readHead = headReader(database)
  // The bytes that were hashed, as they are.
  const insertEvent = database.prepare(
    'INSERT INTO flight_event (seq, event_hash, event) VALUES (?, ?, CAST(? AS TEXT))',
  )
  const updateHead = database.prepare('UPDATE flight_head SET count = ?, last_hash = ? WHERE id = 1')
  const insertViolation = database.prepare(
    'INSERT OR REPLACE INTO flight_violation (idempotency_key, seq) VALUES (?, ?)',
  )
  const countOfRun = database.prepare('SELECT count(*) AS count FROM flight_key WHERE workflow_run_id = ?')

  function recordAll(drafts: readonly EventDraft[]): Receipt[] {
    return texts.prepare(drafts, (events) => committing(() => append(events)))
  }

  function record(draft: EventDraft): Receipt {
    return only(recordAll([draft]))
  }

  function recordRunEnd(draft: RunEnd): Receipt {
    const uncounted = { ...draft, payload: { ...draft.payload, events_expected: 1 } }
    return texts.prepare([uncounted], (events) =>
      only(
        committing(() => {
          catchUpKeys(database)
          const end = texts.read(only(events))
          const recorded = Number(countOfRun.get(end.workflow_run_id ?? '')?.['count'])
          if (end.type === 'run_end') end.payload.events_expected = recorded + 1
          return texts.prepareAgain(end, append)
        }),
      ),
    )
  }

  function append(events: readonly EventText[]): Receipt[] {
    let { count, lastHash } = readHead()
    const told: UnhashedEvent[] = []
    const receipts = events.map((event): Receipt => {
      const key = event.idempotencyKey
      const earlier = key === undefined ? undefined : violationWith(database, key)
      if (earlier) return { ...receiptOf(earlier), duplicate: true }

      count += 1
      const text = texts.place(event, count, lastHash)
      lastHash = bytesHash(text)
      // Unlike `run` it makes no object of the result, which takes a fifth of the time of an insert.
      insertEvent.get(count, lastHash, text)
      if (key !== undefined) insertViolation.run(key, count)
      if (onAppend) told.push(eventOf(text))
      return { seq: count, event_id: event.eventId, event_hash: lastHash, durable: true, duplicate: false }
    })
    updateHead.run(count, lastHash)
    onAppend?.(told)
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

/** The row of a violation that was recorded before. The event itself must carry the key: an edited lookup row must not be able to suppress one. */
function violationWith(database: SqlDatabase, key: string) {
  return database
    .prepare(
      `SELECT seq, event_hash, text ->> '$.event_id' AS event_id
       FROM (SELECT e.seq, e.event_hash, ${textOf(database)} AS text, v.idempotency_key
             FROM flight_violation v JOIN flight_event e USING (seq) WHERE v.idempotency_key = ?)
       WHERE text ->> '$.type' = 'security_violation' AND text ->> '$.payload.idempotency_key' = idempotency_key`,
    )
    .get(key)
}

function receiptOf(row: Record<string, unknown>): Omit<Receipt, 'duplicate'> {
  return {
    seq: Number(row['seq']),
    event_id: String(row['event_id']),
    event_hash: String(row['event_hash']),
    durable: true,
  }
}

function only<Item>(items: readonly Item[]): Item {
  const [item] = items
  if (item === undefined) throw new RecorderError('HSK-500-DB', 'Expected one event and its receipt, found none.')
  return item
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

/** Canonical text is UTF-8, and is stored in the bytes that are hashed. */
function checkEncoding(database: SqlDatabase): void {
  const encoding = database.prepare('PRAGMA encoding').get()?.['encoding']
  if (encoding !== 'UTF-8') {
    throw new RecorderError('HSK-500-DB', `Expected PRAGMA encoding = UTF-8, found ${String(encoding)}.`)
  }
}
