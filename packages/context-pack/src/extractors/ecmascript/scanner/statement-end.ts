import { doubt } from './doubt.ts'
import type { TokenStream } from './token-stream.ts'

/** Goes behind the semicolon, if there is one, and returns where the statement ends. */
export function endStatement(tokens: TokenStream): number {
  const { kind, end, previousEnd, isOnNewLine } = tokens
  if (tokens.take(';')) return end
  if (kind !== 'end' && !tokens.is('}') && !isOnNewLine) doubt(tokens.start)
  return previousEnd
}
