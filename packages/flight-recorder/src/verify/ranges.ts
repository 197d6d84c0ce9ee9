import type { Interval } from './chain.ts'
import type { Range } from './report.ts'

export interface RangeInput {
  /** Positions that are not what they have to be; may overlap. */
  readonly broken: readonly Interval[]
  /** Positions whose text was erased as an order says; in order and apart. */
  readonly erased: readonly Interval[]
  /** The last position with a row. */
  readonly lastSeq: number
  /** Up to here a root that is kept outside the database confirms what is whole. */
  readonly anchored: number
  /** How many events there have to be, whoever says so. */
  readonly expected: number
}

/** Cuts the log into stretches, in order and without gaps, from 1. */
export function rangesOf({ broken, erased, lastSeq, anchored, expected }: RangeInput): Range[] {
  const ranges: Range[] = []
  const add = (state: Range['state'], from: number, to: number) => {
    const before = ranges.at(-1)
    if (from > to) return
    if (before?.state === state) ranges[ranges.length - 1] = { state, from: before.from, to }
    else ranges.push({ state, from, to })
  }
  const addRead = (from: number, to: number) => {
    add('intact', from, Math.min(to, anchored))
    add('unanchored', Math.max(from, anchored + 1), to)
  }
  const addWhole = (from: number, to: number) => {
    let next = from
    for (const gone of erased) {
      if (gone.to < next || gone.from > to) continue
      addRead(next, gone.from - 1)
      add('erased', Math.max(next, gone.from), Math.min(to, gone.to))
      next = gone.to + 1
    }
    addRead(next, to)
  }

  let next = 1
  for (const { from, to } of broken.toSorted((a, b) => a.from - b.from)) {
    addWhole(next, Math.min(from, lastSeq + 1) - 1)
    next = Math.max(next, from)
    add('broken', next, Math.min(to, lastSeq))
    next = Math.max(next, Math.min(to, lastSeq) + 1)
  }
  addWhole(next, lastSeq)
  add('missing', lastSeq + 1, expected)
  return ranges
}
