import type { FlightEvent } from '@ctxlock/contracts/events'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import type { Hash, Uuid } from '@ctxlock/contracts/primitives'

import { diverged } from '../checkpoint/diverged.ts'
import { positionsIn, signedOrders } from '../erasure/erasure-orders.ts'
import { storedEvents, storedEventsAt, type StoredEvent } from '../stored-events.ts'
import { examineEvent } from '../verify/examined-event.ts'

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
  const orders = signedOrders(database).filter(({ payload }) =>
    payload.runs.some(({ workflow_run_id }) => recordedAs.includes(workflow_run_id)),
  )
  const rows = [
    ...recordedAs.flatMap((id) => storedEvents(database, id)),
    ...orders.flatMap((order) => {
      const gone = positionsIn(order).flatMap(({ from, to }) => storedEventsAt(database, from, to))
      // An order that is still to be carried out took nothing away yet.
      return gone.every(({ text }) => text === null) ? [...gone, ...storedEventsAt(database, order.seq, order.seq)] : []
    }),
  ]
  const bySeq = new Map(rows.filter(({ seq }) => seq <= size).map((row) => [row.seq, readRow(row)]))
  return [...bySeq.values()].toSorted((left, right) => left.seq - right.seq)
}

function readRow({ seq, text, hash }: StoredEvent): RunRow {
  if (text === null) return { seq, hash, text: undefined, event: undefined }
  const { event } = examineEvent(seq, text, hash)
  if (!event) throw diverged()
  return { seq, hash, text, event }
}
