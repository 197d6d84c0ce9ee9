import { createLineIndex } from '@ctxlock/contracts/extraction-text'
import type { Range } from 'web-tree-sitter'

export interface Span {
  readonly start: number
  readonly end: number
}

/** A comment inside of what is folded. */
export interface FoldedComment extends Span {
  readonly type: string
}

/**
 * What a parser need not read, because no declaration outside of functions can stand in it. Parsers take most of the time a file takes, and
 * bodies of functions are most of a file.
 */
export interface Folds {
  /** What is left, for the parser. */
  readonly kept: readonly Range[]
  readonly comments: readonly FoldedComment[]
  lineAt(offset: number): number
}

/** What is shorter costs less to parse than to leave out. */
export const SHORTEST_FOLD = 48
/** The parser looks through all ranges whenever it moves. */
const MAX_FOLDS = 2_000

/** Undefined when nothing is worth leaving out, or too much. */
export function foldsFrom(
  text: string,
  folded: readonly Span[],
  comments: readonly FoldedComment[],
): Folds | undefined {
  if (folded.length === 0 || folded.length > MAX_FOLDS) return undefined
  const { lineAt } = createLineIndex(text)
  return { comments, lineAt, kept: rangesBetween(text, folded) }
}

function rangesBetween(text: string, folded: readonly Span[]): Range[] {
  const position = createPositions(text)
  const ranges: Range[] = []
  let startIndex = 0
  let startPosition = position(startIndex)
  for (const { start, end } of [...folded, { start: text.length, end: text.length }]) {
    ranges.push({ startIndex, startPosition, endIndex: start, endPosition: position(start) })
    startIndex = end
    startPosition = position(end)
  }
  return ranges
}

/** Rows and columns of offsets that grow; the text is read once. */
function createPositions(text: string): (offset: number) => Range['startPosition'] {
  let row = 0
  let lineStart = 0
  let nextFeed = text.indexOf('\n')
  return (offset) => {
    while (nextFeed !== -1 && nextFeed < offset) {
      row += 1
      lineStart = nextFeed + 1
      nextFeed = text.indexOf('\n', lineStart)
    }
    return { row, column: offset - lineStart }
  }
}
