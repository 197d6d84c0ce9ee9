import { foldBraces } from './braces.ts'
import type { Folds } from './folds.ts'
import type { Lexis } from './lexis.ts'
import { endOf, escapedEnd } from './literals.ts'

const cLexis: Lexis = {
  containers: new Set(['struct', 'union', 'enum', 'extern']),
  comments: ['comment', 'comment'],
  hash: 'continued',
  literalEnd: (text, at) => (text.charAt(at) === '`' ? at : escapedEnd(text, at)),
}

const cppLexis: Lexis = {
  ...cLexis,
  containers: new Set(['class', 'struct', 'union', 'enum', 'namespace', 'extern', 'export', 'concept', 'requires']),
  literalEnd(text, at) {
    const before = text.charAt(at - 1)
    // `1'000'000` is a number.
    if (text.charAt(at) === "'" && /[0-9A-Fa-f]/.test(before) && /[0-9A-Fa-f]/.test(text.charAt(at + 1))) return at
    if (text.charAt(at) !== '"' || before !== 'R') return cLexis.literalEnd(text, at)
    const delimiter = /^"([^\s()\\]{0,16})\(/.exec(text.slice(at, at + 18))?.[1]
    return delimiter === undefined ? undefined : endOf(text, `)${delimiter}"`, at)
  },
}

export function foldC(text: string): Folds | undefined {
  return foldBraces(text, cLexis)
}

export function foldCplusplus(text: string): Folds | undefined {
  return foldBraces(text, cppLexis)
}
