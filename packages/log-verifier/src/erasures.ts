import { coverOf, positionsOf } from './cover.ts'
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
  const empty = rows.flatMap(({ seq, text }) => (text === undefined ? [seq] : []))
  const isEmpty = coverOf(positionsOf(empty))
  const orders = [...events].flatMap(([seq, event]) => {
    if (event?.type !== 'erasure_ordered' || !counts(seq)) return []
    const { erasesOfRuns } = event
    return [{ erases: event.erases.map(({ from, to }) => ({ from, to: Math.min(to, seq - 1) })), erasesOfRuns }]
  })
  const isNamed = coverOf(orders.flatMap(({ erases }) => erases))
  const ofRuns = new Map<string, number>()
  for (const { erases, erasesOfRuns } of orders) {
    if (!erases.every(isEmpty)) continue
    for (const { run, events: count } of erasesOfRuns) ofRuns.set(run, (ofRuns.get(run) ?? 0) + count)
  }
  const erased = new Set(empty.filter((seq) => isNamed({ from: seq, to: seq })))
  return { erased, taken: new Set(empty.filter((seq) => !erased.has(seq))), ofRuns }
}
