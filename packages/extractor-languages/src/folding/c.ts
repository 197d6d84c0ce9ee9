import { foldBraces } from './braces.ts'
import { hasCodeBefore } from '../tree/node-lines.ts'
import type { Folds, Span } from './folds.ts'
import type { Lexis } from './lexis.ts'
import { endOf, escapedEnd } from './literals.ts'

const MACRO = String.raw`[A-Z_][A-Z0-9]*_[A-Z0-9_]*\b(?:[ \t]*\([^()\n]*\))?`
const BLANK = String.raw`(?:\s|//[^\n]*\n|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)*`
/** Before what begins a declaration or ends a block: never a type that the next line goes on with. */
const ALONE = new RegExp(
  String.raw`${MACRO}(?=[ \t]*\r?\n${BLANK}(?:${MACRO}[ \t]*\r?\n${BLANK}){0,8}(?:[}#]|$|(?:namespace|template|class|struct|union|enum|typedef|using|extern|static|inline|constexpr|public|protected|private)\b))`,
  'y',
)
/** `class API_EXPORT Name {` */
const IN_HEAD = new RegExp(
  String.raw`(?:class|struct|union)\s+(${MACRO})(?=\s+(?!final\b)[A-Za-z_][\w:]*(?:<[^<>{};]*>)?\s*(?:final\s*)?[:{])`,
  'dy',
)

/**
 * A macro on a line of its own, such as one that opens a namespace, makes the parser take what follows for one function, and one in the
 * head of a class makes it a function as well.
 */
function macroAt(text: string, at: number, word: string): Span | undefined {
  if (word === 'class' || word === 'struct' || word === 'union') {
    IN_HEAD.lastIndex = at
    const [start, end] = IN_HEAD.exec(text)?.indices?.[1] ?? []
    return start === undefined || end === undefined ? undefined : { start, end }
  }
  if (!word.includes('_') || hasCodeBefore({ startIndex: at }, text)) return undefined
  ALONE.lastIndex = at
  const [macro] = ALONE.exec(text) ?? []
  return macro === undefined ? undefined : { start: at, end: at + macro.length }
}

const cLexis: Lexis = {
  containers: new Set(['struct', 'union', 'enum', 'extern']),
  comments: ['comment', 'comment'],
  hash: 'continued',
  literalEnd: (text, at) => (text.charAt(at) === '`' ? at : escapedEnd(text, at)),
  macro: macroAt,
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
