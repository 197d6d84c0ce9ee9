import { LogHead } from '@ctxlock/contracts/events'
import type { Clock, SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { canonicalize } from '@ctxlock/core-hash'

import { headReader } from './log-tables.ts'
import { RecorderError, onDatabase } from './recorder-error.ts'

/**
 * Where the host keeps the head of the log beside the database: an atomic file, possibly copied elsewhere. It is what shows
 * that the newest events were removed, so it should not be as easy to change as the database.
 */
export interface HeadSink {
  /** The text last written; undefined when there is none yet. Throws when it cannot be read. */
  read(): string | undefined
  /** Durable when it returns, whole or not at all. */
  write(text: string): void
}

export type AnchoredHead =
  | { readonly state: 'present'; readonly head: LogHead }
  | { readonly state: 'absent' }
  /** There is something, but no head: somebody or something damaged it. */
  | { readonly state: 'damaged' }

/** Reads the head beside the database. Its text is as untrusted as the log. */
export function readAnchoredHead(sink: HeadSink | undefined): AnchoredHead {
  if (!sink) return { state: 'absent' }
  try {
    const text = sink.read()
    if (text === undefined) return { state: 'absent' }
    const parsed = LogHead.safeParse(JSON.parse(text))
    return parsed.success ? { state: 'present', head: parsed.data } : { state: 'damaged' }
  } catch {
    return { state: 'damaged' }
  }
}

export interface AnchorOptions {
  readonly database: SqlDatabase
  readonly clock: Pick<Clock, 'now'>
  readonly headSink: HeadSink
}

/**
 * Writes the committed head of the log beside the database; the host calls it after a run's end. Only committed events are
 * anchored, so it refuses inside a transaction (HSK-409-UNCOMMITTED). It never goes back: when the log no longer continues
 * the head that is there, that head is evidence and stays (HSK-409-LOG-DIVERGED).
 */
export function anchorLog({ database, clock, headSink }: AnchorOptions): LogHead {
  if (database.isTransaction) {
    throw new RecorderError('HSK-409-UNCOMMITTED', 'Expected to anchor after COMMIT; a transaction is open.')
  }
  // The write lock keeps another process from anchoring a later head between our reading and writing.
  return onDatabase('Anchoring the log', () =>
    inTransaction(database, () => {
      const { count, lastHash } = headReader(database)()
      checkContinues(database, readAnchoredHead(headSink), count, lastHash)
      const head: LogHead = {
        schema_version: 'ctxlock.log_head@1',
        count,
        last_hash: lastHash,
        written_at: new Date(clock.now()).toISOString(),
      }
      headSink.write(`${canonicalize(head)}\n`)
      return head
    }),
  )
}

function checkContinues(database: SqlDatabase, anchored: AnchoredHead, count: number, lastHash: string): void {
  const hashAt = database.prepare('SELECT event_hash FROM flight_event WHERE seq = ?')
  const holds = (seq: number, hash: string) => seq === 0 || hashAt.get(seq)?.['event_hash'] === hash

  const continues =
    anchored.state === 'absent' ||
    (anchored.state === 'present' &&
      anchored.head.count <= count &&
      holds(anchored.head.count, anchored.head.last_hash))
  if (!continues || !holds(count, lastHash)) {
    throw new RecorderError(
      'HSK-409-LOG-DIVERGED',
      'The log does not continue the head that was anchored before. That head was left in place: run verify.',
    )
  }
}
