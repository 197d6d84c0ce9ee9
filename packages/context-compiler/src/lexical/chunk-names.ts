import type { LineRange } from './chunks.ts'
import type { IndexedSymbol } from './definitions.ts'

/** For each chunk the names of the symbols it overlaps, with spaces between. `chunks` are in order; `symbols` need not be. */
export function namesOfChunks(chunks: readonly LineRange[], symbols: readonly IndexedSymbol[]): string[] {
  const ordered = symbols.toSorted((left, right) => left.start - right.start)
  let next = 0
  let open: IndexedSymbol[] = []
  return chunks.map(({ start, end }) => {
    open = open.filter((symbol) => symbol.end >= start)
    for (let symbol = ordered[next]; symbol && symbol.start <= end; symbol = ordered[next]) {
      open.push(symbol)
      next += 1
    }
    return open.map(({ name }) => name).join(' ')
  })
}
