import { foldBraces } from './braces.ts'
import type { Folds } from './folds.ts'
import type { Lexis } from './lexis.ts'
import { endOf, escapedEnd } from './literals.ts'

const rustLexis: Lexis = {
  containers: new Set(['mod', 'impl', 'trait', 'extern', 'enum', 'struct', 'union', 'macro_rules']),
  comments: ['line_comment', 'block_comment'],
  nestedComments: true,
  literalEnd(text, at) {
    if (text.charAt(at) === '`') return at
    if (text.charAt(at) === "'") return characterEnd(text, at)
    const hashes = /(?:^|[^\w#])(?:b|c)?r(#*)$/.exec(text.slice(Math.max(0, at - 64), at))?.[1]
    return hashes === undefined ? escapedEnd(text, at, false) : endOf(text, `"${hashes}`, at + 1)
  },
}

/** `'a'` is a character, `'a` the name of a lifetime. */
function characterEnd(text: string, at: number): number | undefined {
  if (text.charAt(at + 1) === '\\') return escapedEnd(text, at)
  const width = (text.codePointAt(at + 1) ?? 0) > 0xffff ? 2 : 1
  return text.charAt(at + 1 + width) === "'" ? at + width + 2 : at
}

export function foldRust(text: string): Folds | undefined {
  return foldBraces(text, rustLexis)
}
