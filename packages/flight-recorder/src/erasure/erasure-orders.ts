import { checkEvent } from '@ctxlock/contracts/events'
import type { EventOf, FlightEvent } from '@ctxlock/contracts/events'
import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { allEvents } from '../all-events.ts'
import { newestCheckpoint } from '../checkpoint/checkpoint-log.ts'

export type ErasureOrder = EventOf<'erasure_ordered'>

/** Every order of the log, in order, whether it was carried out or not. Codes: HSK-500-DB. */
export function erasureOrders(database: SqlDatabase): ErasureOrder[] {
  const orders = [...allEvents(database, { type: 'erasure_ordered' })].flatMap((event) => orderIn(event) ?? [])
  return orders.toSorted((left, right) => left.seq - right.seq)
}

/**
 * Those that a checkpoint covers: nothing is erased before, so that a text that is gone without one was taken away.
 * Codes: HSK-500-DB, HSK-409-LOG-DIVERGED for a checkpoint that is none.
 */
export function signedOrders(database: SqlDatabase): ErasureOrder[] {
  const orders = erasureOrders(database)
  // Nor is there a checkpoint to ask for where no log was begun.
  if (orders.length === 0) return []
  const size = newestCheckpoint(database)?.size ?? 0
  return orders.filter(({ seq }) => seq <= size)
}

/** The order that an event is. Signed texts are read by their shape only, so it is checked here. */
export function orderIn(event: FlightEvent): ErasureOrder | undefined {
  if (event.type !== 'erasure_ordered') return undefined
  const check = checkEvent(event)
  return check.ok && check.event.type === 'erasure_ordered' ? check.event : undefined
}

/** The positions an order names, which all stand before it. */
export function positionsIn({ seq, payload }: ErasureOrder): { readonly from: number; readonly to: number }[] {
  return payload.events
    .map(({ from, to }) => ({ from, to: Math.min(to, seq - 1) }))
    .filter(({ from, to }) => from <= to)
}
