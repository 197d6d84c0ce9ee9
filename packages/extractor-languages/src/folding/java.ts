import { foldBraces } from './braces.ts'
import type { Folds } from './folds.ts'
import type { Lexis } from './lexis.ts'
import { escapedEnd, tripleEnd } from './literals.ts'

const javaLexis: Lexis = {
  containers: new Set(['class', 'interface', 'enum', 'record', 'module']),
  comments: ['line_comment', 'block_comment'],
  literalEnd: (text, at) => (text.startsWith('"""', at) ? tripleEnd(text, at, true) : escapedEnd(text, at)),
}

export function foldJava(text: string): Folds | undefined {
  return foldBraces(text, javaLexis)
}
