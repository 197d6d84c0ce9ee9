import { isBlank, isLineEnd, isWordUnit } from './characters.ts'
import { skipComment } from './comments.ts'
import { expectsOperand } from './operand.ts'
import type { Source } from './source.ts'

const LESS = 0x3c
const GREATER = 0x3e
const SLASH = 0x2f
const EQUALS = 0x3d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const QUOTES = new Set([0x22, 0x27])
/** What names of elements and attributes hold beside word characters. */
const NAME_PUNCTUATION = new Set([0x2d, 0x2e, 0x3a])

/** Whether the `<` at `at` starts an element, as far as one can tell before reading it. */
export function startsElement(source: Source, at: number): boolean {
  const { text } = source
  const next = text.charCodeAt(at + 1)
  if (next !== GREATER && (!isWordUnit(next) || (next >= 0x30 && next <= 0x39))) return false
  if (source.hasTypes && isTypeParameter(text, at + 1)) return false
  return !followsBrace(text, at) && expectsOperand(source, at)
}

/** `<T,` and `<T extends U`: the forms of type parameters that a file with elements allows. */
function isTypeParameter(text: string, at: number): boolean {
  let end = at
  while (isWordUnit(text.charCodeAt(end))) end += 1
  if (text.slice(at, end) === 'const') return true
  while (isBlank(text.charCodeAt(end))) end += 1
  return text[end] === ',' || /^extends\s+[^\s=>/]/.test(text.slice(end, end + 40))
}

/** A brace before `<` closes a block: what follows compares nothing and is no element either. */
function followsBrace(text: string, at: number): boolean {
  let before = at - 1
  while (before >= 0 && text.charCodeAt(before) === 0x20) before -= 1
  return text.charCodeAt(before) === CLOSE_BRACE
}

/**
 * From inside a tag to the unit that ends this stretch of it: `>`, the `/` of `/>`, or the `{` of an attribute. -1 when this
 * is no tag after all.
 */
export function skipTag(source: Source, at: number): number {
  const { text } = source
  let offset = at
  let angles = 0
  for (;;) {
    const unit = text.charCodeAt(offset)
    if (isWordUnit(unit) || isBlank(unit) || NAME_PUNCTUATION.has(unit) || unit === EQUALS) offset += 1
    else if (unit === GREATER && angles > 0) {
      angles -= 1
      offset += 1
    } else if (unit === GREATER || unit === OPEN_BRACE) return offset
    else if (unit === SLASH && text.charCodeAt(offset + 1) === GREATER) return offset
    else if (QUOTES.has(unit)) {
      // No escapes in here, and line ends are allowed.
      const close = text.indexOf(text.charAt(offset), offset + 1)
      if (close === -1) return -1
      offset = close + 1
    } else if (unit === LESS && isWordUnit(text.charCodeAt(offset - 1))) {
      // Type arguments of the element.
      angles += 1
      offset += 1
    } else if (unit === SLASH) {
      const end = skipComment(source, offset)
      if (end === offset) return -1
      offset = end
    } else if (angles > 0 && '[],|&.'.includes(text[offset] ?? ' ')) offset += 1
    else return -1
  }
}

/** From inside the children of an element to the next `<` or `{`; -1 at what no child may hold. */
export function skipChildText(text: string, at: number): number {
  for (let offset = at; offset < text.length; offset += 1) {
    const unit = text.charCodeAt(offset)
    if (unit === LESS || unit === OPEN_BRACE) return offset
    if (unit === GREATER || unit === CLOSE_BRACE) return -1
  }
  return -1
}

/** Behind the closing tag whose `</` is at `at`; -1 when it is none. */
export function skipClosingTag(text: string, at: number): number {
  for (let offset = at + 2; offset < text.length; offset += 1) {
    const unit = text.charCodeAt(offset)
    if (unit === GREATER) return offset + 1
    if (!isWordUnit(unit) && !NAME_PUNCTUATION.has(unit) && !isBlank(unit) && !isLineEnd(unit)) return -1
  }
  return -1
}
