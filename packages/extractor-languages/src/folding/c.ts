import { foldBraces, isCallOfMacro } from './braces.ts'
import { hasCodeBefore } from '../tree/node-lines.ts'
import type { Folds, Span } from './folds.ts'
import type { Lexis } from './lexis.ts'
import { endOf, escapedEnd } from './literals.ts'

const NAME = '[A-Z_][A-Z0-9]*_[A-Z0-9_]*'
const IS_NAME = new RegExp(`^${NAME}$`)
const MACRO = String.raw`${NAME}\b(?:[ \t]*\([^()\n]*\))?`
const BLANK = String.raw`(?:\s|//[^\n]*\n|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)*`
/** Before what begins a declaration or ends a block: never a type that the next line goes on with. */
const ALONE = new RegExp(
  String.raw`${MACRO}(?=[ \t]*\r?\n${BLANK}(?:${MACRO}[ \t]*\r?\n${BLANK}){0,8}(?:[}#]|$|(?:namespace|template|class|struct|union|enum|typedef|using|extern|static|inline|constexpr|public|protected|private)\b))`,
  'y',
)
/** `void add(int a) const LOCKS_EXCLUDED(lock) {` */
const BEHIND_PARAMETERS = new RegExp(String.raw`${MACRO}(?:\s+${MACRO}){0,8}(?=\s*(?:[{;]|=\s*0\b))`, 'y')
const LONGEST_LOOK = 40
const PARAMETERS_BEFORE = /(?:\)|\b(?:const|override|noexcept|final))\s*$/
/** Of Clang's thread safety analysis: `int count GUARDED_BY(lock);` */
const GUARD = /\w+\([^()\n]*\)/y
/** `void printflike(1, 2) log(const char *, …)`: no parameter is a number. */
const NUMBERED = /[a-z]\w*\(\s*\d+(?:\s*,\s*\d+){0,8}\s*\)(?=\s+\**\s*[A-Za-z_]\w*\s*\()/y
/** `class API_EXPORT Name {` */
const IN_HEAD = new RegExp(
  String.raw`(?:class|struct|union)\s+(${MACRO})(?=\s+(?!final\b)[A-Za-z_][\w:]*(?:<[^<>{};]*>)?\s*(?:final\s*)?[:{])`,
  'dy',
)

/**
 * A macro on a line of its own, such as one that opens a namespace, makes the parser take what follows for one function, one in the
 * head of a class makes it a function as well, and one behind parameters becomes the function's name.
 */
function macroAt(text: string, at: number, word: string, openAt: number): Span | undefined {
  if (word === 'class' || word === 'struct' || word === 'union') {
    IN_HEAD.lastIndex = at
    const [start, end] = IN_HEAD.exec(text)?.indices?.[1] ?? []
    return start === undefined || end === undefined ? undefined : { start, end }
  }
  const numbered = text.charAt(at + word.length) === '(' ? spanOf(NUMBERED, text, at) : undefined
  if (numbered || !IS_NAME.test(word)) return numbered
  if (word.endsWith('GUARDED_BY')) return spanOf(GUARD, text, at)
  const alone = hasCodeBefore({ startIndex: at }, text) ? undefined : spanOf(ALONE, text, at)
  return alone ?? (isBehindParameters(text, openAt, at) ? spanOf(BEHIND_PARAMETERS, text, at) : undefined)
}

/** A macro that is called for itself has none. */
function isBehindParameters(text: string, openAt: number, at: number): boolean {
  const before = text.slice(Math.max(openAt, at - LONGEST_LOOK), at)
  return PARAMETERS_BEFORE.test(before) && !isCallOfMacro(text, openAt, at)
}

function spanOf(pattern: RegExp, text: string, at: number): Span | undefined {
  pattern.lastIndex = at
  const [found] = pattern.exec(text) ?? []
  return found === undefined ? undefined : { start: at, end: at + found.length }
}

const cLexis: Lexis = {
  containers: new Set(['struct', 'union', 'enum', 'extern']),
  comments: ['comment', 'comment'],
  hash: 'continued',
  hasConditions: true,
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
