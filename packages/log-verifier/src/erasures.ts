import type { EventText } from './event-text.ts'
import type { LogRow } from './stored-record.ts'

export interface Erasures {
  /** Positions without a text that a counting order names. */
  readonly erased: ReadonlySet<number>
  /** Positions without a text that none names: somebody took it away. */
  readonly taken: ReadonlySet<number>
  /** How many events each run lost by orders that were carried out. */
  readonly ofRuns: ReadonlyMap<string, number>
}

/** Compares what is gone with what the log says was to be erased. `counts` says whose orders are believed. */
export function judgeErasures(
  rows: readonly LogRow[],
  events: ReadonlyMap<number, EventText | undefined>,
  counts: (seq: number) => boolean,
): Erasures {
  const empty = new Set(rows.flatMap(({ seq, text }) => (text === undefined ? [seq] : [])))
  const orders = [...events].flatMap(([seq, event]) => {
    if (event?.type !== 'erasure_ordered' || !counts(seq)) return []
    return [{ positions: event.erases.flatMap(({ from, to }) => positions(from, Math.min(to, seq - 1))), ...event }]
  })
  const named = new Set(orders.flatMap((order) => order.positions))
  const ofRuns = new Map<string, number>()
  for (const { positions: own, erasesOfRuns } of orders) {
    if (!own.every((position) => empty.has(position))) continue
    for (const { run, events: count } of erasesOfRuns) ofRuns.set(run, (ofRuns.get(run) ?? 0) + count)
  }
  const [erased = [], taken = []] = [true, false].map((isNamed) =>
    [...empty].filter((position) => named.has(position) === isNamed),
  )
  return { erased: new Set(erased), taken: new Set(taken), ofRuns }
}

function positions(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, offset) => from + offset)
}
