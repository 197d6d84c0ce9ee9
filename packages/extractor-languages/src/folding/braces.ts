import { foldsFrom, SHORTEST_FOLD, type FoldedComment, type Folds, type Span } from './folds.ts'
import type { Lexis } from './lexis.ts'

const LINE_FEED = 0x0a
const QUOTE = 0x22
const HASH = 0x23
const APOSTROPHE = 0x27
const STAR = 0x2a
const SLASH = 0x2f
const SEMICOLON = 0x3b
/** `Row<{ N + 1 }>` */
const ANGLE = 0x3c
const BACKSLASH = 0x5c
const BACKTICK = 0x60
const OPEN = 0x7b
const CLOSE = 0x7d
const PARENTHESES: Readonly<Record<number, number>> = { 0x28: 1, 0x29: -1 }
const BRACKETS: Readonly<Record<number, number>> = { 0x5b: 1, 0x5d: -1 }
/** 1 for the units with which a brace, a literal, a comment or a directive begins. */
const TELLING = Uint8Array.from({ length: 128 }, (_, unit) => Number('{}"\'`/#'.includes(String.fromCharCode(unit))))
const WORD = /[\p{L}\p{N}_$]+/uy

/**
 * Bodies of functions and other insides of braces in which no member of the file or of its types can stand. Reads every unit once.
 * Undefined when braces do not match or nothing is worth leaving out.
 */
export function foldBraces(text: string, lexis: Lexis): Folds | undefined {
  const folded: Span[] = []
  const comments: FoldedComment[] = []
  let containers = 0
  /** Within brackets no declaration stands: default values, annotations, what a supertype is called with. */
  let parentheses = 0
  let brackets = 0
  /** Whether a word since the last end of a declaration says that the next brace holds declarations. */
  let isContainer = false
  for (let at = 0; at < text.length;) {
    const unit = text.charCodeAt(at)
    if (unit === OPEN && isContainer && parentheses + brackets === 0 && before(text, at) !== ANGLE) {
      containers += 1
      isContainer = false
      at += 1
    } else if (unit === OPEN) {
      const seen = comments.length
      const close = closingBrace(text, at + 1, lexis, comments)
      if (close === undefined) return undefined
      if (close - at > SHORTEST_FOLD) folded.push({ start: at + 1, end: close })
      else comments.length = seen
      at = close + 1
    } else if (unit === CLOSE || (unit === SEMICOLON && brackets === 0)) {
      if (unit === CLOSE) containers -= 1
      if (containers < 0) return undefined
      // Where a condition of the preprocessor opens what it does not close.
      parentheses = 0
      brackets = 0
      isContainer = false
      at += 1
    } else {
      parentheses = Math.max(0, parentheses + (PARENTHESES[unit] ?? 0))
      brackets = Math.max(0, brackets + (BRACKETS[unit] ?? 0))
      const end = tokenEnd(text, at, lexis)
      if (end === undefined) return undefined
      if (end > at) at = end
      else {
        const word = wordAt(text, at)
        if (lexis.containers.has(word)) isContainer = true
        else if (lexis.members?.has(word) === true) isContainer = false
        const macro = parentheses + brackets === 0 ? lexis.macro?.(text, at, word) : undefined
        if (macro) folded.push(macro)
        at = macro?.end ?? at + Math.max(word.length, 1)
      }
    }
  }
  return containers === 0 ? foldsFrom(text, folded, comments) : undefined
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

/** Where the brace closes that was opened before `from`; notes the comments on the way. */
function closingBrace(text: string, from: number, lexis: Lexis, comments: FoldedComment[]): number | undefined {
  let depth = 1
  for (let at = from; at < text.length;) {
    const unit = text.charCodeAt(at)
    if (unit >= TELLING.length || TELLING[unit] === 0) {
      at += 1
      continue
    }
    if (unit === OPEN) depth += 1
    else if (unit === CLOSE && (depth -= 1) === 0) return at
    const end = tokenEnd(text, at, lexis)
    if (end === undefined) return undefined
    if (end > at && (unit === SLASH || (unit === HASH && lexis.hash === 'comment'))) {
      const isBlock = text.charCodeAt(at + 1) === STAR
      comments.push({ type: lexis.comments[isBlock ? 1 : 0], start: at, end })
    }
    at = Math.max(end, at + 1)
  }
  return undefined
}

/** Behind the literal, comment or directive that begins at `at`, `at` itself when none does, undefined when it does not end. */
function tokenEnd(text: string, at: number, lexis: Lexis): number | undefined {
  const unit = text.charCodeAt(at)
  if (unit === QUOTE || unit === APOSTROPHE || unit === BACKTICK) return lexis.literalEnd(text, at)
  if (unit === SLASH) {
    const next = text.charCodeAt(at + 1)
    if (next === SLASH) return lineEnd(text, at)
    return next === STAR ? blockEnd(text, at + 2, lexis.nestedComments === true) : at
  }
  return unit === HASH && lexis.hash ? hashEnd(text, at, lexis.hash) : at
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  if (end === -1) return text.length
  return text.charCodeAt(end - 1) === 0x0d ? end - 1 : end
}

function blockEnd(text: string, from: number, isNested: boolean): number | undefined {
  let depth = 1
  for (let at = from; at < text.length - 1; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit === STAR && text.charCodeAt(at + 1) === SLASH) {
      at += 1
      if ((depth -= 1) === 0) return at + 1
    } else if (isNested && unit === SLASH && text.charCodeAt(at + 1) === STAR) {
      at += 1
      depth += 1
    }
  }
  return undefined
}

function hashEnd(text: string, at: number, hash: NonNullable<Lexis['hash']>): number {
  if (hash === 'comment') return text.charAt(at + 1) === '[' ? at : lineEnd(text, at)
  if (!beginsLine(text, at)) return at
  let end = lineEnd(text, at)
  while (hash === 'continued' && text.charCodeAt(end - 1) === BACKSLASH && end < text.length)
    end = lineEnd(text, text.indexOf('\n', end) + 1)
  return end
}

function beginsLine(text: string, at: number): boolean {
  for (let before = at - 1; before >= 0; before -= 1) {
    const unit = text.charCodeAt(before)
    if (unit === LINE_FEED) return true
    if (unit !== 0x20 && unit !== 0x09 && unit !== 0xfeff) return false
  }
  return true
}
