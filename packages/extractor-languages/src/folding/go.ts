import { foldBraces } from './braces.ts'
import type { Folds } from './folds.ts'
import type { Lexis } from './lexis.ts'
import { endOf, escapedEnd } from './literals.ts'

const goLexis: Lexis = {
  // Where the methods of an interface begin its signature ends; the fields of a struct are nobody's.
  containers: new Set(['interface']),
  comments: ['comment', 'comment'],
  literalEnd: (text, at) => (text.charAt(at) === '`' ? endOf(text, '`', at + 1) : escapedEnd(text, at)),
}

export function foldGo(text: string): Folds | undefined {
  return foldBraces(text, goLexis)
}
