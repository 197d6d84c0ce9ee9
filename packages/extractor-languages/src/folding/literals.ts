const LINE_FEED = 0x0a
const QUOTE = 0x22
const BACKSLASH = 0x5c
const APOSTROPHE = 0x27
const MAX_NESTED = 8

/** Behind the quote that ends what opens at `at`; a backslash escapes. Undefined at the end of the text, or of the line. */
export function escapedEnd(text: string, at: number, isOneLine = true): number | undefined {
  const quote = text.charCodeAt(at)
  for (let offset = at + 1; offset < text.length; offset += 1) {
    const unit = text.charCodeAt(offset)
    if (unit === quote) return offset + 1
    if (unit === BACKSLASH) offset += 1
    else if (unit === LINE_FEED && isOneLine) return undefined
  }
  return undefined
}

/** Behind the next `closing`. */
export function endOf(text: string, closing: string, from: number): number | undefined {
  const found = text.indexOf(closing, from)
  return found === -1 ? undefined : found + closing.length
}

/** Behind `"""…"""`, where a backslash escapes if `isEscaping`. */
export function tripleEnd(text: string, at: number, isEscaping: boolean): number | undefined {
  for (let offset = at + 3; offset < text.length; offset += 1) {
    const unit = text.charCodeAt(offset)
    if (unit === BACKSLASH && isEscaping) offset += 1
    else if (unit === QUOTE && text.startsWith('"""', offset)) return quotesEnd(text, offset)
  }
  return undefined
}

/** Behind a run of quotes: a text may end with some of its own. */
export function quotesEnd(text: string, at: number): number {
  let end = at
  while (text.charCodeAt(end) === QUOTE) end += 1
  return end
}

/** Behind a string that begins at `at`, inside `depth` others. */
type NestedEnd = (text: string, at: number, depth: number) => number | undefined

/** How a string lets code stand in it. */
export interface Interpolation {
  /** Behind the end of the string if it ends here, else `at`. */
  closed(text: string, at: number): number
  /** Behind what opens code if it opens here, else `at`. */
  opened(text: string, at: number): number
  /** What closes code, and opens more of the same within it. */
  readonly pair: readonly [open: number, close: number]
  /** How many units belong together here: two for an escape, one for all else. */
  width(text: string, at: number): number
}

export const BRACES = [0x7b, 0x7d] as const
export const PARENTHESES = [0x28, 0x29] as const

/** Behind a string in which code stands, whose own strings `nested` reads. Undefined when it does not end or nests too deep. */
export function interpolatedEnd(
  text: string,
  from: number,
  string: Interpolation,
  nested: NestedEnd,
  depth: number,
): number | undefined {
  if (depth > MAX_NESTED) return undefined
  for (let at = from; at < text.length;) {
    const end = string.closed(text, at)
    if (end > at) return end
    const code = string.opened(text, at)
    if (code === at) at += string.width(text, at)
    else {
      const close = codeEnd(text, code, string.pair, nested, depth)
      if (close === undefined) return undefined
      at = close
    }
  }
  return undefined
}

function codeEnd(
  text: string,
  from: number,
  [open, close]: Interpolation['pair'],
  nested: NestedEnd,
  depth: number,
): number | undefined {
  let level = 1
  for (let at = from; at < text.length;) {
    const unit = text.charCodeAt(at)
    if (unit === open) level += 1
    else if (unit === close && (level -= 1) === 0) return at + 1
    const end = unit === QUOTE || unit === APOSTROPHE ? nested(text, at, depth + 1) : at
    if (end === undefined) return undefined
    at = Math.max(end, at + 1)
  }
  return undefined
}
