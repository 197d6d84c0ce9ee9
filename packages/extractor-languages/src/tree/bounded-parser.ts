import type { FallbackReason } from '@ctxlock/contracts/packs'
import type { Language, Parser, Range, Tree } from 'web-tree-sitter'

import type { Meter, MeteredRuntime } from './metered-runtime.ts'

/** UTF-16 units; more is generated code or data. */
const MAX_LENGTH = 1024 * 1024
/**
 * Calls of functions within the parser, some 30 ns each. Files people write take 10 to 60 a unit, short ones up to 130; a few
 * kilobytes that drive error recovery in circles take tens of thousands.
 */
const WORK_PER_UNIT = 50
const WORK_AT_LEAST = 20_000_000
/** Units handed over at a time. The parser asks again for what it goes back to, and copying a piece costs as much as these calls. */
const PIECE_LENGTH = 4096
const WORK_PER_PIECE = 500

export interface BoundedParser {
  /** The tree of a text, or of ranges of it, which the caller deletes, or why there is none. Throws nothing for a text, however hostile. */
  parse(text: string, ranges?: readonly Range[]): Tree | { readonly refused: FallbackReason }
}

/**
 * A parser whose work is bounded by counting it, which gives the same answer on every machine, and not by time (CP-001). Each
 * text gets a parser of its own: scanners of grammars keep state, and nothing of one text may show in the answer to the next.
 */
export function createBoundedParser(language: Language, { Parser: OwnParser, meter }: MeteredRuntime): BoundedParser {
  return {
    parse(text, ranges) {
      if (text.length > MAX_LENGTH) return { refused: 'too_large' }
      try {
        const parser = new OwnParser()
        try {
          parser.setLanguage(language)
          return parseWithin(parser, text, ranges, meter)
        } finally {
          parser.delete()
        }
      } catch (error) {
        // At the limit, or a defect of the grammar's C code, not of this process.
        if (!isTrap(error)) throw error
        return { refused: 'too_complex' }
      }
    },
  }
}

/** The types of this workspace know no WebAssembly; its errors are told by name. */
function isTrap(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof Error && error.name === 'RuntimeError')
}

function parseWithin(
  parser: Parser,
  text: string,
  ranges: readonly Range[] | undefined,
  meter: Meter,
): Tree | { readonly refused: FallbackReason } {
  const limit = WORK_AT_LEAST + text.length * WORK_PER_UNIT
  let pieces = 0
  let range = 0
  const isOver = (): boolean => meter.work() + pieces * WORK_PER_PIECE > limit
  const read = (index: number): string | undefined => {
    pieces += 1
    if (isOver()) return undefined
    // Behind a range the parser goes on at the next one.
    while ((ranges?.[range]?.endIndex ?? Infinity) <= index) range += 1
    return text.slice(index, Math.min(index + PIECE_LENGTH, ranges?.[range]?.endIndex ?? Infinity))
  }
  meter.start(limit)
  try {
    const tree = parser.parse(read, null, {
      progressCallback: isOver,
      ...(ranges && { includedRanges: [...ranges] }),
    })
    // Over the limit, the text may have ended early for the parser.
    if (tree && !isOver()) return tree
    tree?.delete()
    return { refused: 'too_complex' }
  } finally {
    meter.stop()
  }
}
