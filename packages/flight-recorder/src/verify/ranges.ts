import type { Break, Range } from './report.ts'

export interface RangeInput {
  readonly breaks: readonly Break[]
  readonly lastSeq: number
  /** How many events the database's own head names. */
  readonly headCount: number
  /** How many events the anchored head names; 0 when there is none or its hash is another. */
  readonly anchoredCount: number
  /** The same, whether or not its hash is right: a removed tail is missing either way. */
  readonly namedCount: number
}

/**
 * Cuts the log at its breaks. Only the stretch that reaches the anchored event is intact up to there: what stands before a
 * break is not confirmed by a hash that stands behind it.
 */
export function rangesOf({ breaks, lastSeq, headCount, anchoredCount, namedCount }: RangeInput): Range[] {
  const ranges: Range[] = []
  const add = (state: Range['state'], from: number, to: number) => {
    if (from <= to) ranges.push({ state, from, to })
  }
  const addWhole = (from: number, to: number) => {
    const isAnchored = from <= anchoredCount && anchoredCount <= to
    add('intact', from, isAnchored ? anchoredCount : from - 1)
    add('unanchored', isAnchored ? anchoredCount + 1 : from, to)
  }

  let next = 1
  for (const { reason, from, to } of breaks) {
    // Keys are a cache and the anchor stands outside: neither breaks the chain.
    if (reason === 'edited_keys' || reason === 'anchor_mismatch' || to < next) continue
    addWhole(next, Math.min(from, lastSeq + 1) - 1)
    add('broken', Math.max(next, from), to)
    next = to + 1
  }
  addWhole(next, lastSeq)
  const last = Math.max(lastSeq, next - 1)
  add('missing', last + 1, Math.max(headCount, namedCount))
  return ranges
}
