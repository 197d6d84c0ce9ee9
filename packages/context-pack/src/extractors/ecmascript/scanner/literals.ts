import { isLineEnd } from './characters.ts'
import { doubt } from './doubt.ts'
import type { Source } from './source.ts'

const BACKSLASH = 0x5c
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const BACKTICK = 0x60
const DOLLAR = 0x24
const OPEN_BRACE = 0x7b
const SLASH = 0x2f
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** Where the string ends that opens at `at`. */
export function skipString(text: string, at: number): number {
  const quote = text.charCodeAt(at)
  let offset = at + 1
  for (;;) {
    const unit = text.charCodeAt(offset)
    if (unit === quote) return offset + 1
    if (unit === BACKSLASH) offset += isCrLf(text, offset + 1) ? 3 : 2
    else if (unit === LINE_FEED || unit === CARRIAGE_RETURN || offset >= text.length) doubt(at)
    else offset += 1
  }
}

/** From inside a template literal to behind its end, or behind the next `${`: the unit before the answer says which. */
export function skipTemplateText(text: string, at: number): number {
  let offset = at
  for (;;) {
    const unit = text.charCodeAt(offset)
    if (unit === BACKTICK) return offset + 1
    if (unit === DOLLAR && text.charCodeAt(offset + 1) === OPEN_BRACE) return offset + 2
    if (offset >= text.length) doubt(at)
    offset += unit === BACKSLASH ? 2 : 1
  }
}

/** Behind the closing slash of the regular expression that opens at `at`; its flags follow like a word. */
export function skipRegularExpression(source: Source, at: number): number {
  const { text } = source
  let isInClass = false
  for (let offset = at + 1; ; offset += 1) {
    const unit = text.charCodeAt(offset)
    if (unit === BACKSLASH) offset += 1
    else if (unit === OPEN_BRACKET) isInClass = true
    else if (unit === CLOSE_BRACKET) isInClass = false
    else if (unit === SLASH && !isInClass) return (source.lastRegularExpression = offset + 1)
    if (offset >= text.length || isLineEnd(text.charCodeAt(offset))) doubt(at)
  }
}

function isCrLf(text: string, at: number): boolean {
  return text.charCodeAt(at) === CARRIAGE_RETURN && text.charCodeAt(at + 1) === LINE_FEED
}
