import type { Import, Outline, Part } from './outline.ts'
import { Doubt } from './scanner/doubt.ts'
import { Source } from './scanner/source.ts'
import { scanProgram } from './scanner/statements.ts'
import { TokenStream } from './scanner/token-stream.ts'

/**
 * The outline of a module, read in one pass without a syntax tree. Undefined when anything in it is in doubt: the parser
 * then decides. The time is linear in the length of the text, whatever it holds.
 */
export function scanOutline(text: string, path: string): Outline | undefined {
  // Flow has a type grammar of its own.
  if (!/\.[cm]?tsx?$/i.test(path) && text.includes('@flow')) return undefined
  const source = new Source(text, path)
  const parts: Part[] = []
  const imports: Import[] = []
  try {
    const tokens = new TokenStream(source)
    skipDirectives(tokens)
    const bodyStart = tokens.start
    scanProgram(tokens, { parts, imports })
    return { parts, imports, comments: source.comments, bodyStart }
  } catch (error) {
    if (error instanceof Doubt) return undefined
    throw error
  }
}

/** Goes behind `'use strict'` and the like. */
function skipDirectives(tokens: TokenStream): void {
  while (tokens.kind === 'string') {
    const mark = tokens.mark()
    tokens.advance()
    if (!tokens.take(';') && !startsStatement(tokens)) return tokens.restore(mark)
  }
}

function startsStatement({ kind, isOnNewLine }: TokenStream): boolean {
  return kind === 'end' || (isOnNewLine && (kind === 'word' || kind === 'string'))
}
