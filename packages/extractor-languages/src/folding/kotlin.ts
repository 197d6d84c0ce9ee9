import { foldBraces } from './braces.ts'
import type { Folds } from './folds.ts'
import type { Lexis } from './lexis.ts'
import { BRACES, endOf, escapedEnd, interpolatedEnd, quotesEnd, type Interpolation } from './literals.ts'

const kotlinLexis: Lexis = {
  containers: new Set(['class', 'interface', 'object']),
  // A class need not have a body, and nothing ends its declaration.
  members: new Set(['fun']),
  comments: ['line_comment', 'block_comment'],
  nestedComments: true,
  literalEnd: (text, at) => (text.charAt(at) === '`' ? endOf(text, '`', at + 1) : stringEnd(text, at, 0)),
}

const template = {
  opened: (text: string, at: number) => (text.startsWith('${', at) ? at + 2 : at),
  pair: BRACES,
}
const STRING: Interpolation = {
  ...template,
  closed: (text, at) => (text.charAt(at) === '"' ? at + 1 : at),
  width: (text, at) => (text.charAt(at) === '\\' ? 2 : 1),
}
const RAW_STRING: Interpolation = {
  ...template,
  closed: (text, at) => (text.startsWith('"""', at) ? quotesEnd(text, at) : at),
  width: () => 1,
}

function stringEnd(text: string, at: number, depth: number): number | undefined {
  if (text.charAt(at) === "'") return escapedEnd(text, at)
  if (text.startsWith('"""', at)) return interpolatedEnd(text, at + 3, RAW_STRING, stringEnd, depth)
  return interpolatedEnd(text, at + 1, STRING, stringEnd, depth)
}

export function foldKotlin(text: string): Folds | undefined {
  return foldBraces(text, kotlinLexis)
}
