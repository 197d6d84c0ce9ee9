import type { FallbackReason } from '@ctxlock/contracts/packs'
import { Parser, type Language, type Tree } from 'web-tree-sitter'

/** UTF-16 units; more is generated code or data. */
const MAX_LENGTH = 1024 * 1024
/** The parser reports every 100 operations; ordinary text stays far below this. */
const REPORTS_PER_UNIT = 0.5
const REPORTS_AT_LEAST = 2_000
/** Units handed over at a time. The parser asks again for what it goes back to, so counting pieces counts its work. */
const PIECE_LENGTH = 4096
const READS_PER_PIECE = 32
const READS_AT_LEAST = 1_000

export interface BoundedParser {
  /** The tree, which the caller deletes, or why there is none. Throws nothing for a text, however hostile. */
  parse(text: string): Tree | { readonly refused: FallbackReason }
}

/**
 * A parser whose work is bounded by counts, which are the same on every machine, and not by time (CP-001). Both are needed:
 * operations bound the search for a parse, and pieces read bound what a scanner does within one operation, such as looking
 * for the end of a raw string that has none.
 */
export function createBoundedParser(language: Language): BoundedParser {
  let parser: Parser | undefined

  return {
    parse(text) {
      if (text.length > MAX_LENGTH) return { refused: 'too_large' }
      try {
        parser ??= newParser(language)
        return parseWithin(parser, text)
      } catch (error) {
        // A trap leaves the parser in an unknown state. What its C code throws is a defect of a grammar, not of this process.
        if (!isTrap(error)) throw error
        parser = undefined
        return { refused: 'too_complex' }
      }
    },
  }
}

/** The types of this workspace know no WebAssembly; its errors are told by name. */
function isTrap(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof Error && error.name === 'RuntimeError')
}

function newParser(language: Language): Parser {
  const parser = new Parser()
  parser.setLanguage(language)
  return parser
}

function parseWithin(parser: Parser, text: string): Tree | { readonly refused: FallbackReason } {
  let reportsLeft = REPORTS_AT_LEAST + text.length * REPORTS_PER_UNIT
  let readsLeft = READS_AT_LEAST + (text.length / PIECE_LENGTH) * READS_PER_PIECE
  const read = (index: number): string | undefined => {
    readsLeft -= 1
    return readsLeft < 0 ? undefined : text.slice(index, index + PIECE_LENGTH)
  }
  const isOver = (): boolean => {
    reportsLeft -= 1
    return reportsLeft < 0 || readsLeft < 0
  }
  const tree = parser.parse(read, null, { progressCallback: isOver })
  if (tree && readsLeft >= 0) return tree
  tree?.delete()
  parser.reset()
  return { refused: 'too_complex' }
}
