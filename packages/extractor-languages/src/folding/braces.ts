import { createConditions, directiveAt, type Conditions, type Surroundings } from './conditions.ts'
import { foldsFrom, SHORTEST_FOLD, type FoldedComment, type Folds, type Span } from './folds.ts'
import type { Lexis } from './lexis.ts'
import { beginsLine, tokenEnd } from './tokens.ts'

const HASH = 0x23
const STAR = 0x2a
const SLASH = 0x2f
const COLON = 0x3a
const SEMICOLON = 0x3b
/** `Row<{ N + 1 }>` */
const ANGLE = 0x3c
const OPEN = 0x7b
const CLOSE = 0x7d
const PARENTHESES: Readonly<Record<number, number>> = { 0x28: 1, 0x29: -1 }
const BRACKETS: Readonly<Record<number, number>> = { 0x5b: 1, 0x5d: -1 }
/** 1 for the units with which a brace, a literal, a comment or a directive begins. */
const TELLING = Uint8Array.from({ length: 128 }, (_, unit) => Number('{}"\'`/#'.includes(String.fromCharCode(unit))))
const WORD = /[\p{L}\p{N}_$]+/uy
const CALL_OF_MACRO = /^[A-Z_][A-Z0-9_]*\s*\([^;{}]*\)\s*$/
const LONGEST_CALL = 400

interface Reading {
  readonly text: string
  readonly lexis: Lexis
  /** Those in what is left out. */
  readonly comments: FoldedComment[]
  readonly conditions?: Conditions
}

/**
 * Bodies of functions and other insides of braces in which no member of the file or of its types can stand. Reads every unit once.
 * Undefined when braces do not match or nothing is worth leaving out.
 */
export function foldBraces(text: string, lexis: Lexis): Folds | undefined {
  const folded: Span[] = []
  const comments: FoldedComment[] = []
  const conditions = lexis.hasConditions === true ? createConditions(text) : undefined
  const reading: Reading = { text, lexis, comments, ...(conditions && { conditions }) }
  let containers = 0
  /** Within brackets no declaration stands: default values, annotations, what a supertype is called with. */
  let parentheses = 0
  let brackets = 0
  /** Whether a word since the last end of a declaration says that the next brace holds declarations. */
  let isContainer = false
  /** Where the declaration began that has not ended yet. */
  let openAt: number | undefined
  for (let at = 0; at < text.length;) {
    const unit = text.charCodeAt(at)
    if (unit === OPEN && isContainer && parentheses + brackets === 0 && before(text, at) !== ANGLE) {
      containers += 1
      isContainer = false
      openAt = undefined
      at += 1
    } else if (unit === OPEN) {
      const seen = comments.length
      const close = closingBrace(reading, at + 1, containers)
      if (close === undefined) return undefined
      if (close - at > SHORTEST_FOLD) folded.push({ start: at + 1, end: close })
      else comments.length = seen
      openAt = undefined
      at = close + 1
    } else if (unit === CLOSE || (unit === SEMICOLON && brackets === 0)) {
      if (unit === CLOSE) containers -= 1
      if (containers < 0) return undefined
      // Where a condition of the preprocessor opens what it does not close.
      parentheses = 0
      brackets = 0
      isContainer = false
      openAt = undefined
      at += 1
    } else if (unit === HASH && conditions && beginsLine(text, at)) {
      const isOpen = openAt !== undefined && !isCallOfMacro(text, openAt, at)
      const end = passDirective(reading, at, { level: containers, isOpen })
      if (end === undefined) return undefined
      at = end
    } else {
      parentheses = Math.max(0, parentheses + (PARENTHESES[unit] ?? 0))
      brackets = Math.max(0, brackets + (BRACKETS[unit] ?? 0))
      const end = tokenEnd(text, at, lexis)
      if (end === undefined) return undefined
      if (unit === COLON) openAt = undefined
      else if (unit > 0x20 && (end === at || unit !== SLASH)) openAt ??= at
      if (end > at) at = end
      else {
        const word = wordAt(text, at)
        if (lexis.containers.has(word)) isContainer = true
        else if (lexis.members?.has(word) === true) isContainer = false
        const macro = parentheses + brackets === 0 ? lexis.macro?.(text, at, word, openAt ?? at) : undefined
        if (macro) {
          folded.push(macro)
          if (openAt === at) openAt = undefined
        }
        at = macro?.end ?? at + Math.max(word.length, 1)
      }
    }
  }
  if (containers !== 0) return undefined
  return foldsFrom(text, conditions ? outermost([...folded, ...conditions.folded]) : folded, comments)
}

function outermost(spans: readonly Span[]): Span[] {
  const found: Span[] = []
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    if (span.start >= (found.at(-1)?.end ?? 0)) found.push(span)
  }
  return found
}

/** Whether this is all there is: the call of a macro that needs no semicolon. */
export function isCallOfMacro(text: string, start: number, end: number): boolean {
  return end - start <= LONGEST_CALL && CALL_OF_MACRO.test(text.slice(start, end))
}

function wordAt(text: string, at: number): string {
  WORD.lastIndex = at
  return WORD.exec(text)?.[0] ?? ''
}

/** The last unit in front of `at` that is no white space. */
function before(text: string, at: number): number {
  let offset = at - 1
  while (offset >= 0 && text.charCodeAt(offset) <= 0x20) offset -= 1
  return text.charCodeAt(offset)
}

/** Where the brace closes that was opened before `from` within `level` others; notes the comments on the way. */
function closingBrace(reading: Reading, from: number, level: number): number | undefined {
  const { text, lexis, conditions } = reading
  let depth = 1
  for (let at = from; at < text.length;) {
    const unit = text.charCodeAt(at)
    if (unit >= TELLING.length || TELLING[unit] === 0) {
      at += 1
      continue
    }
    if (unit === OPEN) depth += 1
    else if (unit === CLOSE && (depth -= 1) === 0) return at
    const isDirective = unit === HASH && conditions && beginsLine(text, at)
    const end = isDirective
      ? passDirective(reading, at, { level: level + depth, isOpen: false })
      : tokenEnd(text, at, lexis)
    if (end === undefined) return undefined
    noteComment(reading, at, end)
    at = Math.max(end, at + 1)
  }
  return undefined
}

function noteComment({ text, lexis, comments }: Reading, start: number, end: number): void {
  const unit = text.charCodeAt(start)
  if (end === start || (unit !== SLASH && (unit !== HASH || lexis.hash !== 'comment'))) return
  const isBlock = text.charCodeAt(start + 1) === STAR
  comments.push({ type: lexis.comments[isBlock ? 1 : 0], start, end })
}

/** Behind the directive at `at`, and behind the branches it begins if they are left out. */
function passDirective(reading: Reading, at: number, around: Surroundings): number | undefined {
  const { text, lexis, conditions } = reading
  const end = tokenEnd(text, at, lexis)
  if (end === undefined || !conditions) return end
  return conditions.pass({ start: at, end }, around, () => endOfBranches(reading, end))
}

/** Where the `#endif` stands that ends the condition around `from`; notes the comments on the way. */
function endOfBranches(reading: Reading, from: number): number | undefined {
  const { text, lexis } = reading
  let inner = 0
  for (let at = from; at < text.length;) {
    const unit = text.charCodeAt(at)
    if (unit === HASH && beginsLine(text, at)) {
      const word = directiveAt(text, at)
      if (word === 'endif' && inner === 0) return at
      inner += Number(word === 'if') - Number(word === 'endif')
    }
    const end = TELLING[unit] === 1 ? tokenEnd(text, at, lexis) : at
    if (end === undefined) return undefined
    noteComment(reading, at, end)
    at = Math.max(end, at + 1)
  }
  return undefined
}
