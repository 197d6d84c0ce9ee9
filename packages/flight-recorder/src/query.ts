import { EVENT_CATALOGUE, resolveEventAlias } from '@ctxlock/contracts/events'
import type { FlightEvent } from '@ctxlock/contracts/events'
import type { SqlDatabase, SqlValue } from '@ctxlock/contracts/ports'
import { Timestamp } from '@ctxlock/contracts/primitives'

import { catchUpKeys } from './event-keys.ts'
import type { Key } from './event-keys.ts'
import { hasLog } from './log-tables.ts'
import { RecorderError, onDatabase } from './recorder-error.ts'
import { textOf } from './segment/segment-files.ts'
import { examineEvent } from './verify/examined-event.ts'

/** What to look for; all conditions together (REC-033). Without any, every event. */
export interface EventFilter {
  readonly eventId?: string
  readonly workflowRunId?: string
  readonly jobId?: string
  readonly callId?: string
  readonly traceId?: string
  readonly modelSessionId?: string
  readonly wpId?: string
  readonly mtId?: string
  /** A catalogue id such as `FR-EVT-MT-006`, or one of the names without numbers such as `MT-HARD-GATE` (REC-026). */
  readonly frEventId?: string
  readonly type?: FlightEvent['type']
  /** Only events that were recorded after this position of the log: what came since, whatever their clocks said. */
  readonly afterSeq?: number
  /** Canonical timestamps; `from` is included, `to` is not. */
  readonly from?: string
  readonly to?: string
}

export interface PageRequest {
  /** From 1 to 1000; there is no other limit. */
  readonly limit: number
  /** Where the page before ended: its `next`. */
  readonly after?: EventCursor
}

export interface EventCursor {
  readonly timestamp: string
  readonly seq: number
}

export interface EventPage {
  /** By (timestamp, seq), ascending. */
  readonly events: readonly FlightEvent[]
  /** Positions of events that fit, and whose stored bytes are damaged: shown as missing, never left out silently. */
  readonly damaged: readonly number[]
  /** Pass it as `after` to read on; null when this was the last page. */
  readonly next: EventCursor | null
}

const MAX_LIMIT = 1000

// The most telling condition chooses the index; SQLite would have to guess.
const CONDITIONS: readonly (readonly [keyof EventFilter, Key])[] = [
  ['eventId', 'event_id'],
  ['callId', 'call_id'],
  ['traceId', 'trace_id'],
  ['workflowRunId', 'workflow_run_id'],
  ['jobId', 'job_id'],
  ['modelSessionId', 'model_session_id'],
  ['wpId', 'wp_id'],
  ['mtId', 'mt_id'],
]

/**
 * One page of the events that fit a filter. Adds missing lookup keys first, so it may write to its own cache.
 * Codes: HSK-400-INVALID-QUERY, HSK-500-DB.
 */
export function queryEvents(database: SqlDatabase, filter: EventFilter, page: PageRequest): EventPage {
  checkPage(page)
  return onDatabase('Querying the log', () => {
    if (!hasLog(database)) return { events: [], damaged: [], next: null }
    catchUpKeys(database)
    const { sql, values } = selectionOf(filter, page, textOf(database))
    const rows = database.prepare(sql).all(...values, page.limit + 1)
    const shown = rows.slice(0, page.limit)
    const last = rows.length > page.limit ? shown.at(-1) : undefined

    const events: FlightEvent[] = []
    const damaged: number[] = []
    for (const { seq, event, event_hash } of shown) {
      const examined = examineEvent(Number(seq), event, event_hash)
      if (examined.event) events.push(examined.event)
      else damaged.push(examined.seq)
    }
    return { events, damaged, next: last ? { timestamp: String(last['at']), seq: Number(last['seq']) } : null }
  })
}

/** The statement behind a filter; the tests look at its plan. */
export function selectionOf(filter: EventFilter, { after }: Pick<PageRequest, 'after'>, text = 'e.event') {
  const where: string[] = []
  const values: SqlValue[] = []
  const add = (condition: string, ...bound: SqlValue[]) => {
    where.push(condition)
    values.push(...bound)
  }

  for (const [name, column] of CONDITIONS) {
    const value = filter[name]
    // A unary plus keeps a condition from choosing the index.
    if (value !== undefined) add(`${where.length === 0 ? '' : '+'}k.${column} = ?`, value)
  }
  const type = wantedType(filter)
  if (type !== undefined) add(`${where.length === 0 ? '' : '+'}k.type = ?`, type)
  if (filter.afterSeq !== undefined) add('k.seq > ?', checkedPosition(filter.afterSeq))
  if (filter.from !== undefined) add('k.at >= ?', checkedTimestamp(filter.from))
  if (filter.to !== undefined) add('k.at < ?', checkedTimestamp(filter.to))
  if (after) add('(k.at, k.seq) > (?, ?)', checkedTimestamp(after.timestamp), after.seq)

  const sql = `SELECT k.seq, k.at, ${text} AS event, e.event_hash FROM flight_key k JOIN flight_event e USING (seq)
    ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''} ORDER BY k.at, k.seq LIMIT ?`
  return { sql, values }
}

function wantedType({ frEventId, type }: EventFilter): string | undefined {
  if (frEventId === undefined) return type
  const id = resolveEventAlias(frEventId)
  const known = EVENT_CATALOGUE.find(({ fr_event_id }) => fr_event_id === id)
  if (!known) throw invalidQuery('Expected `frEventId` as an id of the catalogue or one of its aliases.')
  if (type !== undefined && type !== known.type) throw invalidQuery('`frEventId` and `type` name two different events.')
  return known.type
}

function checkPage({ limit, after }: PageRequest): void {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw invalidQuery(`Expected \`limit\` from 1 to ${MAX_LIMIT}; read on with \`after\`.`)
  }
  if (after && !Number.isSafeInteger(after.seq)) throw invalidQuery('Expected `after` as the `next` of a page.')
}

function checkedPosition(seq: number): number {
  if (!Number.isSafeInteger(seq) || seq < 0) throw invalidQuery('Expected `afterSeq` as a position of the log, or 0.')
  return seq
}

function checkedTimestamp(text: string): string {
  if (!Timestamp.safeParse(text).success) {
    throw invalidQuery('Expected a timestamp such as 2026-01-31T12:00:00.000Z (CJ-024).')
  }
  return text
}

function invalidQuery(message: string): RecorderError {
  return new RecorderError('HSK-400-INVALID-QUERY', message)
}
