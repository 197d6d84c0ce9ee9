/** Positions from the first to the last, both included; none when the last stands before the first. */
export interface Interval {
  readonly from: number
  readonly to: number
}

/** Answers whether the intervals cover every position of another one. An attacker says how long they are, so no position is counted out. */
export function coverOf(intervals: readonly Interval[]): (asked: Interval) => boolean {
  const apart: Interval[] = []
  for (const { from, to } of intervals.toSorted((one, other) => one.from - other.from)) {
    const before = apart.at(-1)
    if (before && from <= before.to + 1) apart[apart.length - 1] = { from: before.from, to: Math.max(before.to, to) }
    else apart.push({ from, to })
  }
  return ({ from, to }) => {
    let [low, high] = [0, apart.length]
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if ((apart[middle]?.from ?? from) <= from) low = middle + 1
      else high = middle
    }
    return to < from || to <= (apart[low - 1]?.to ?? -Infinity)
  }
}

/** An interval for each position. */
export const positionsOf = (positions: readonly number[]): Interval[] => positions.map((at) => ({ from: at, to: at }))
