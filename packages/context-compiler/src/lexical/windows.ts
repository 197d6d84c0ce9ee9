import { type Chunk, chunkLines, linesOf } from './chunks.ts'
import { definitionsIn, type IndexedSymbol } from './definitions.ts'

export interface Windows {
  /** In order; together they are the whole text. */
  readonly chunks: readonly Chunk[]
  readonly symbols: readonly IndexedSymbol[]
}

/**
 * The windows by which a text is searched and quoted: they follow the symbols given, else the definitions its lines give
 * away. None for a text with a NUL: it marks binary data, which could not be quoted as evidence either.
 */
export function windowsOf(text: string, given?: readonly IndexedSymbol[]): Windows {
  if (text.includes('\0')) return { chunks: [], symbols: [] }
  const lines = linesOf(text)
  const symbols = given ?? definitionsIn(lines)
  return { chunks: chunkLines(lines, symbols), symbols }
}
