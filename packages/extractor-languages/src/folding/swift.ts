import { foldBraces } from './braces.ts'
import type { Folds } from './folds.ts'
import type { Lexis } from './lexis.ts'
import { endOf, interpolatedEnd, PARENTHESES, type Interpolation } from './literals.ts'

const swiftLexis: Lexis = {
  containers: new Set(['class', 'struct', 'enum', 'protocol', 'extension', 'actor']),
  // `class func` is a function, and `var x: any P.Type {` none of the others.
  members: new Set(['func', 'init', 'deinit', 'subscript', 'var', 'let']),
  comments: ['comment', 'multiline_comment'],
  nestedComments: true,
  literalEnd(text, at) {
    if (text.charAt(at) === '`') return endOf(text, '`', at + 1)
    return text.charAt(at) === '"' ? stringEnd(text, at) : at
  },
}

/** `"…"`, `"""…"""` and both between `#`, which then stand before each escape as well. */
function stringEnd(text: string, at: number, depth = 0): number | undefined {
  if (text.charAt(at) !== '"') return at
  const hashes = /#{0,8}$/.exec(text.slice(Math.max(0, at - 8), at))?.[0] ?? ''
  const quotes = opensLines(text, at) ? '"""' : '"'
  const string: Interpolation = {
    closed: (_, offset) => (text.startsWith(quotes + hashes, offset) ? offset + quotes.length + hashes.length : offset),
    opened: (_, offset) => (text.startsWith(`\\${hashes}(`, offset) ? offset + hashes.length + 2 : offset),
    pair: PARENTHESES,
    width: (_, offset) => (text.startsWith(`\\${hashes}`, offset) ? hashes.length + 2 : 1),
  }
  return interpolatedEnd(text, at + quotes.length, string, stringEnd, depth)
}

/** Three quotes open a text of several lines at the end of their line; `#"""#` is a text of one quote. */
function opensLines(text: string, at: number): boolean {
  return (
    text.startsWith('"""', at) &&
    (text.charAt(at - 1) !== '#' || /^[ \t]*(?:\r|\n|$)/.test(text.slice(at + 3, at + 200)))
  )
}

export function foldSwift(text: string): Folds | undefined {
  return foldBraces(text, swiftLexis)
}
