import type { FlightEvent } from '@ctxlock/contracts/events'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import type { Hash, Uuid } from '@ctxlock/contracts/primitives'

import { diverged } from '../checkpoint/checkpoint-log.ts'
import { positionsIn, signedOrders } from '../erasure/erasure-orders.ts'
import { catchUpKeys } from '../event-keys.ts'
import { examineEvent } from '../verify/examined-event.ts'
import { textOf } from '../segment/segment-files.ts'

/** An event of a run as it is stored; without text and content where it was erased. */
export interface RunRow {
  readonly seq: number
  readonly hash: Hash
  readonly text: string | undefined
  readonly event: FlightEvent | undefined
}

/**
 * The events of a run among the first `size` of the log, in order; where some were erased, with the orders that erased them and every
 * position these name. Code: HSK-409-LOG-DIVERGED for one that was changed.
 */
export function runRows(database: SqlDatabase, recordedAs: readonly Uuid[], size: number): RunRow[] {
  catchUpKeys(database)
  const ofRun = database.prepare(
    `SELECT e.seq, ${textOf(database)} AS event, e.event_hash FROM flight_key k JOIN flight_event e USING (seq)
     WHERE k.workflow_run_id = ? AND k.seq <= ?`,
  )
  const between = database.prepare(
    `SELECT e.seq, ${textOf(database)} AS event, e.event_hash FROM flight_event e WHERE e.seq BETWEEN ? AND ?`,
  )
  const orders = signedOrders(database).filter(({ payload }) =>
    payload.runs.some(({ workflow_run_id }) => recordedAs.includes(workflow_run_id)),
  )
  const rows = [
    ...recordedAs.flatMap((id) => ofRun.all(id, size)),
    ...orders.flatMap((order) => {
      const gone = positionsIn(order).flatMap(({ from, to }) => between.all(from, to))
      // An order that is still to be carried out took nothing away yet.
      return gone.every(({ event }) => event === null) ? [...gone, ...between.all(order.seq, order.seq)] : []
    }),
  ].map(readRow)
  const bySeq = new Map(rows.map((row) => [row.seq, row]))
  return [...bySeq.values()].toSorted((left, right) => left.seq - right.seq)
}

function readRow({ seq, event: text, event_hash }: Record<string, unknown>): RunRow {
  const row = { seq: Number(seq), hash: String(event_hash) }
  const { event, isEmpty } = examineEvent(row.seq, text, event_hash)
  if (isEmpty) return { ...row, text: undefined, event: undefined }
  if (typeof text !== 'string' || !event) throw diverged()
  return { ...row, text, event }
}
