import { foldsFrom, SHORTEST_FOLD, type FoldedComment, type Folds, type Span } from './folds.ts'
import { endOf, escapedEnd } from './literals.ts'

/** A statement's first line with what is continued below it. */
interface Line {
  readonly start: number
  /** At the line feed, or the end of the text. */
  readonly end: number
  readonly indent: number
  readonly word: string
  /** Whether a block follows. */
  readonly opensBlock: boolean
  /** Insides of its brackets that may as well be empty. */
  readonly brackets: readonly Span[]
}

const TAB = 8
const LINE_FEED = 0x0a
const SPACE = 0x20
const HASH = 0x23
const COLON = 0x3a
const BRACKET = 0x5b
const BACKSLASH = 0x5c
const OPENING: ReadonlySet<number> = new Set([0x28, BRACKET, 0x7b])
const CLOSING: ReadonlySet<number> = new Set([0x29, 0x5d, 0x7d])
const FUNCTION = /^(?:def|async\s+def)$/
/** Go on with a statement that stands above. */
const CLAUSES: ReadonlySet<string> = new Set(['elif', 'else', 'except', 'finally', 'case'])
/** Blocks that nothing has to follow. */
const PLAIN: ReadonlySet<string> = new Set(['if', 'for', 'while', 'with', 'async for', 'async with'])
const STRING = /([A-Za-z]{0,2})["']/y
const WORD = /async\s+\w+|\w+|@/y

/**
 * Bodies of functions but for their first statement, without which there would be none, and their last, which says where they end; and
 * what long brackets hold. Reads every unit once. Undefined when a string or bracket does not end or nothing is worth leaving out.
 */
export function foldPython(text: string): Folds | undefined {
  const read = readLines(text)
  if (!read) return undefined
  const { lines, comments } = read
  const bodies = foldedBodies(lines)
  const isInBody = createMembership(bodies)
  const brackets = lines.filter(({ start }) => !isInBody(start)).flatMap((line) => line.brackets)
  const folded = [...bodies, ...brackets].toSorted((a, b) => a.start - b.start)
  const isFolded = createMembership(folded)
  return foldsFrom(
    text,
    folded,
    comments.filter(({ start }) => isFolded(start)),
  )
}

function foldedBodies(lines: readonly Line[]): Span[] {
  const folded: Span[] = []
  for (let index = 0; index < lines.length;) {
    const line = lines[index]
    index += 1
    if (!line?.opensBlock || !FUNCTION.test(line.word)) continue
    const end = blockEnd(lines, index, line.indent)
    foldBlock(lines.slice(index, end), folded)
    index = end
  }
  return folded
}

/** Whether an offset lies in one of the spans, asked with offsets that grow. */
function createMembership(spans: readonly Span[]): (offset: number) => boolean {
  let next = 0
  return (offset) => {
    while ((spans[next]?.end ?? Infinity) <= offset) next += 1
    return (spans[next]?.start ?? Infinity) <= offset
  }
}

/** Index of the first line behind the block that begins at `from`. */
function blockEnd(lines: readonly Line[], from: number, indent: number): number {
  let end = from
  while ((lines[end]?.indent ?? -1) > indent) end += 1
  return end
}

/** Folds what stands between the first statement of a block and its last; in a long last one, again. */
function foldBlock(block: readonly Line[], folded: Span[]): void {
  const first = firstLeaf(block)
  const last = lastStatement(block)
  if (first === undefined || last <= first) {
    if (last === 0) foldInside(block, folded)
    return
  }
  const start = block[first]?.end
  const end = block[last]?.start
  if (start !== undefined && end !== undefined && end - start > SHORTEST_FOLD) folded.push({ start, end: end - 1 })
  foldInside(block.slice(last), folded)
}

/** The same for the only block of a statement, if it has no other. */
function foldInside(statement: readonly Line[], folded: Span[]): void {
  const [head, ...body] = statement
  if (head?.opensBlock !== true || !PLAIN.has(head.word) || body.some(({ indent }) => indent <= head.indent)) return
  foldBlock(body, folded)
}

/** The first line that opens no block, when all before it may stand with nothing but that. */
function firstLeaf(block: readonly Line[]): number | undefined {
  const at = block.findIndex(({ opensBlock, word }) => !opensBlock && word !== '@')
  const chain = block.slice(0, at)
  return at === -1 || chain.some(({ word }) => word === 'try' || word === 'match') ? undefined : at
}

/** Where the last statement of the block begins, decorators included. */
function lastStatement(block: readonly Line[]): number {
  const indent = block[0]?.indent
  let last = block.findLastIndex((line) => line.indent === indent && !CLAUSES.has(line.word))
  while (last > 0 && block[last - 1]?.word === '@' && block[last - 1]?.indent === indent) last -= 1
  return Math.max(last, 0)
}

function readLines(text: string): { lines: Line[]; comments: FoldedComment[] } | undefined {
  const lines: Line[] = []
  const comments: FoldedComment[] = []
  for (let at = text.charCodeAt(0) === 0xfeff ? 1 : 0; at < text.length;) {
    const start = at
    let indent = 0
    for (; text.charCodeAt(at) <= SPACE && text.charCodeAt(at) !== LINE_FEED; at += 1)
      indent = text.charAt(at) === '\t' ? indent + TAB - (indent % TAB) : text.charAt(at) === '\f' ? 0 : indent + 1
    const unit = text.charCodeAt(at)
    if (unit === LINE_FEED) at += 1
    else if (unit === HASH) {
      const end = lineEnd(text, at)
      comments.push({ type: 'comment', start: at, end })
      at = end + 1
    } else if (at < text.length) {
      const trailing: FoldedComment[] = []
      const line = logicalLine(text, at, trailing)
      if (!line) return undefined
      comments.push(...stringStatement(text, at, line.end), ...trailing)
      WORD.lastIndex = at
      const word = WORD.exec(text)?.[0].replace(/\s+/, ' ') ?? ''
      const brackets = word === 'import' || word === 'from' ? [] : line.brackets
      lines.push({ ...line, start, indent, word, brackets })
      at = line.end + 1
    }
  }
  return { lines, comments }
}

/** A string that is a statement of its own documents what it stands in. */
function stringStatement(text: string, start: number, lineEnd: number): FoldedComment[] {
  STRING.lastIndex = start
  const prefix = STRING.exec(text)?.[1]
  const end = prefix === undefined ? undefined : stringEnd(text, start + prefix.length)
  const isAlone = end !== undefined && end <= lineEnd && /^\s*(?:#|$)/.test(text.slice(end, lineEnd))
  return isAlone ? [{ type: 'string', start, end }] : []
}

/** To the line feed that ends the statement: none in a string or bracket, or behind a backslash. */
function logicalLine(
  text: string,
  from: number,
  comments: FoldedComment[],
): Pick<Line, 'end' | 'opensBlock' | 'brackets'> | undefined {
  const brackets: Span[] = []
  let depth = 0
  let opened = 0
  let last = 0
  for (let at = from; at < text.length;) {
    const unit = text.charCodeAt(at)
    if (unit === LINE_FEED && depth === 0) return { end: at, opensBlock: last === COLON, brackets }
    if (unit === HASH) {
      const end = lineEnd(text, at)
      comments.push({ type: 'comment', start: at, end })
      at = end
      continue
    }
    if (OPENING.has(unit)) {
      // An index must not be empty; a list, a call and all else may.
      if (depth === 0) opened = unit === BRACKET && endsOperand(last) ? Infinity : at + 1
      depth += 1
    } else if (CLOSING.has(unit)) {
      depth -= 1
      if (depth < 0) return undefined
      if (depth === 0 && at - opened > SHORTEST_FOLD) brackets.push({ start: opened, end: at })
    }
    if (unit > SPACE) last = unit
    const end = unit === 0x22 || unit === 0x27 ? stringEnd(text, at) : unit === BACKSLASH ? at + 2 : at + 1
    if (end === undefined) return undefined
    at = end
  }
  return depth === 0 ? { end: text.length, opensBlock: last === COLON, brackets } : undefined
}

/** Whether a value may end with this: a letter, a digit, a quote, a closing bracket. */
function endsOperand(unit: number): boolean {
  return unit > 0x7f || /[\w"')\]}]/.test(String.fromCharCode(unit))
}

function stringEnd(text: string, at: number): number | undefined {
  const triple = text.charAt(at).repeat(3)
  if (!text.startsWith(triple, at)) return escapedEnd(text, at)
  for (let from = at + 3; ;) {
    const end = endOf(text, triple, from)
    if (end === undefined) return undefined
    const backslashes = /\\*$/.exec(text.slice(Math.max(at + 3, end - 3 - 64), end - 3))?.[0].length ?? 0
    if (backslashes % 2 === 0) return end
    from = end - 2
  }
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end
}
