/** A range of a text in UTF-16 units. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Whether any of the found ranges touches the wanted one. */
export function touches(found: readonly Span[], wanted: Span): boolean {
  return found.some(({ start, end }) => start < wanted.end && end > wanted.start)
}

/** Whether the found ranges together hold all of the wanted one. */
export function covers(found: readonly Span[], wanted: Span): boolean {
  let reached = wanted.start
  for (const { start, end } of found.toSorted((a, b) => a.start - b.start)) {
    if (start <= reached) reached = Math.max(reached, end)
  }
  return reached >= wanted.end
}

/** The share of a list for which a test holds, from 0 to 1. */
export function share<Item>(list: readonly Item[], test: (item: Item) => boolean): number {
  return list.length === 0 ? Number.NaN : Number((list.filter((item) => test(item)).length / list.length).toFixed(4))
}
