import type { SearchTable } from './reaches.ts'

/** ASCII. */
const CODES = 128
const SHIFT = 7
/** Two searches of patterns that have little to do with each other could have as many states as both multiplied. */
const MOST_STATES = 4096

/**
 * A search that finds something in an ASCII text when one of two does, or when one of its characters is not in `codes`: one pass in
 * place of two. Undefined when it would take too much memory.
 */
export function searchUnion(one: SearchTable, other: SearchTable, codes: readonly number[]): SearchTable | undefined {
  /** The states of both, and by them the number of the state they make up. */
  const pairs = [{ first: 0, second: 0 }]
  const numbers = new Map([[0, 0]])
  const rows: Uint16Array[] = []
  for (const { first, second } of pairs) {
    const row = new Uint16Array(CODES).fill(MOST_STATES)
    for (const code of codes) {
      const pair = { first: step(one, first, code), second: step(other, second, code) }
      if (pair.first === one.accepting || pair.second === other.accepting) continue
      const key = pair.first * (other.accepting + 1) + pair.second
      const number = numbers.get(key) ?? pairs.push(pair) - 1
      numbers.set(key, number)
      row[code] = number
    }
    rows.push(row)
    if (pairs.length > MOST_STATES) return undefined
  }
  const accepting = rows.length
  const next = new Uint16Array((accepting + 1) << SHIFT).fill(accepting)
  for (const [state, row] of rows.entries())
    next.set(
      row.map((target) => Math.min(target, accepting)),
      state << SHIFT,
    )
  return { next, shift: SHIFT, accepting }
}

function step({ next, shift, accepting }: SearchTable, state: number, code: number): number {
  return next[(state << shift) | code] ?? accepting
}
