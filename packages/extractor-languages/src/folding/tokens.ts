import type { Lexis } from './lexis.ts'

const LINE_FEED = 0x0a
const QUOTE = 0x22
const HASH = 0x23
const APOSTROPHE = 0x27
const STAR = 0x2a
const SLASH = 0x2f
const BACKSLASH = 0x5c
const BACKTICK = 0x60

/** Behind the literal, comment or directive that begins at `at`, `at` itself when none does, undefined when it does not end. */
export function tokenEnd(text: string, at: number, lexis: Lexis): number | undefined {
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

/** Whether nothing but blanks stands before `at` on its line. */
export function beginsLine(text: string, at: number): boolean {
  for (let before = at - 1; before >= 0; before -= 1) {
    const unit = text.charCodeAt(before)
    if (unit === LINE_FEED) return true
    if (unit !== 0x20 && unit !== 0x09 && unit !== 0xfeff) return false
  }
  return true
}
