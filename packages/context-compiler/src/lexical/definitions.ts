import type { LineRange } from './chunks.ts'

/** A named part of a file: from the first line of its documentation to its last. */
export interface IndexedSymbol extends LineRange {
  readonly name: string
}

const MODIFIERS =
  'export|default|declare|public|private|protected|internal|static|final|abstract|async|override|open|sealed|data|pub(?:\\([a-z]+\\))?|unsafe|extern|suspend|inline'
const KEYWORDS =
  'function\\*?|class|interface|type|enum|namespace|module|trait|struct|impl|fn|func|fun|def|object|protocol|extension|record'
/** A name is anything without ASCII punctuation; a receiver as in Go may stand before it. */
const NAME = '(?:\\([^)]{0,80}\\)[ \\t]*)?([^\\s!-#%-/:-@[-^`{-~]+)'
const DEFINITION = new RegExp(`^[ \\t]*(?:(?:${MODIFIERS})[ \\t]+){0,6}(?:${KEYWORDS})[ \\t]+${NAME}`)
const TOP_LEVEL_VALUE = new RegExp(`^(?:export[ \\t]+)?(?:const|let|var|val)[ \\t]+${NAME}`)
/** Comments and decorators that end on the line before a definition belong to it. */
const BELONGS_BELOW = /^[ \t]*(?:\/\/|\/\*|\*|#|@|--)/
/** No definition stands behind this much of a line; what a hostile line may cost is bounded by it. */
const MAX_LINE_START = 400

/**
 * The definitions of a file as its lines give them away: a keyword such as `class`, `def`, `func` or `fn` and a name, in
 * whatever language. A top-level one reaches to the next top-level one, an indented one to the next of any kind. Good enough
 * to cut windows and to weigh names; who has a parser hands its symbols to `syncIndex` instead.
 */
export function definitionsIn(lines: readonly string[]): IndexedSymbol[] {
  const found = lines.flatMap((line, index) => {
    const name = definedName(line)
    return name === undefined ? [] : [{ name, start: firstLineOf(lines, index) + 1, indented: /^\s/.test(line) }]
  })
  let next = lines.length + 1
  let nextTopLevel = next
  const symbols = found.toReversed().map(({ name, start, indented }) => {
    const end = Math.max(start, (indented ? next : nextTopLevel) - 1)
    next = start
    if (!indented) nextTopLevel = start
    return { name, start, end }
  })
  return symbols.toReversed()
}

function definedName(line: string): string | undefined {
  const text = line.length > MAX_LINE_START ? line.slice(0, MAX_LINE_START) : line
  return (DEFINITION.exec(text) ?? TOP_LEVEL_VALUE.exec(text))?.[1]
}

function firstLineOf(lines: readonly string[], definition: number): number {
  let first = definition
  while (first > 0 && BELONGS_BELOW.test(lines[first - 1]?.slice(0, MAX_LINE_START) ?? '')) first -= 1
  return first
}
