import { checkEvent } from '@ctxlock/contracts/events'
import type { FlightEvent } from '@ctxlock/contracts/events'

import { orderIn, positionsIn } from '../erasure/erasure-orders.ts'
import type { ErasureOrder } from '../erasure/erasure-orders.ts'
import type { Interval } from './chain.ts'
import type { ExaminedEvent } from './examined-event.ts'
import type { Break, ErasureReport } from './report.ts'

/**
 * Keeps the positions without a text apart: an order that came later, and that was signed before anything was erased, makes them
 * erased; without one somebody took the text away. Without a key nothing is confirmed anyway, and every order counts.
 */
export function createErasureCheck(isConfirmed: (seq: number) => boolean) {
  const orders: ErasureOrder[] = []
  const sealed: Interval[] = []
  const empty: Interval[] = []

  function push({ seq, isEmpty, event }: ExaminedEvent): void {
    const last = empty.at(-1)
    if (isEmpty && last?.to === seq - 1) empty[empty.length - 1] = { from: last.from, to: seq }
    else if (isEmpty) empty.push({ from: seq, to: seq })
    const order = event && isConfirmed(seq) ? orderIn(event) : undefined
    if (order) orders.push(order)
    if (event?.type === 'log_sealed' && isConfirmed(seq)) sealed.push(...segmentsIn(event))
  }

  function finish() {
    const ordered = joined(orders.flatMap(positionsIn))
    const erased = empty.flatMap((stretch) => overlaps(ordered, stretch))
    const taken = empty.flatMap((stretch) => gaps(erased, stretch))
    const count = erased.reduce((sum, { from, to }) => sum + to - from + 1, 0)
    const waiting = ordered.reduce((sum, { from, to }) => sum + to - from + 1, 0) - count
    return {
      erased,
      breaks: taken.flatMap((stretch): Break[] => {
        const lost = overlaps(joined(sealed), stretch)
        return [
          ...lost.map((one): Break => ({ reason: 'missing_segment', ...one })),
          ...gaps(lost, stretch).map((one): Break => ({ reason: 'text_removed', ...one })),
        ]
      }),
      report: { orders: orders.length, events: count, waiting } satisfies ErasureReport,
      /** Objects that may be gone, each with the last order that names it. */
      objects: new Map(orders.flatMap(({ seq, payload }) => payload.objects.map((hash) => [hash, seq] as const))),
      eventsOfRuns: eventsOfRuns(orders.filter((order) => isCarriedOut(order, erased))),
    }
  }

  return { push, finish }
}

/** An order is carried out in one transaction. */
function isCarriedOut(order: ErasureOrder, erased: readonly Interval[]): boolean {
  return positionsIn(order).every((stretch) => gaps(erased, stretch).length === 0)
}

function eventsOfRuns(orders: readonly ErasureOrder[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { workflow_run_id, events } of orders.flatMap(({ payload }) => payload.runs)) {
    counts.set(workflow_run_id, (counts.get(workflow_run_id) ?? 0) + events)
  }
  return counts
}

/** A signed text is read by its shape only, so it is checked here. */
function segmentsIn(event: FlightEvent): readonly Interval[] {
  const check = checkEvent(event)
  return check.ok && check.event.type === 'log_sealed' ? check.event.payload.segments : []
}

function joined(stretches: readonly Interval[]): Interval[] {
  const result: Interval[] = []
  for (const { from, to } of stretches.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1)
    if (last && from <= last.to + 1) result[result.length - 1] = { from: last.from, to: Math.max(last.to, to) }
    else result.push({ from, to })
  }
  return result
}

function overlaps(stretches: readonly Interval[], { from, to }: Interval): Interval[] {
  return stretches
    .map((one) => ({ from: Math.max(one.from, from), to: Math.min(one.to, to) }))
    .filter((one) => one.from <= one.to)
}

/** What of a stretch none of the others covers; they are in order and apart. */
function gaps(covered: readonly Interval[], { from, to }: Interval): Interval[] {
  const found: Interval[] = []
  let next = from
  for (const one of covered) {
    if (one.to < next || one.from > to) continue
    if (one.from > next) found.push({ from: next, to: one.from - 1 })
    next = one.to + 1
  }
  if (next <= to) found.push({ from: next, to })
  return found
}
