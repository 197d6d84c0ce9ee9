import { isBlank, isLineEnd } from './characters.ts'
import { doubt } from './doubt.ts'
import type { Source } from './source.ts'

const SLASH = 0x2f
const STAR = 0x2a

/** Notes the comment that starts at `at`, if one does, and returns where it ends; otherwise returns `at`. */
export function skipComment(source: Source, at: number): number {
  const second = source.text.charCodeAt(at + 1)
  if (second === SLASH) return skipLineComment(source, at)
  return second === STAR ? skipBlockComment(source, at) : at
}

function skipLineComment({ text, comments }: Source, start: number): number {
  let end = start + 2
  while (end < text.length && !isLineEnd(text.charCodeAt(end))) end += 1
  comments.push({ start, end, isLine: true })
  return end
}

function skipBlockComment({ text, comments }: Source, start: number): number {
  const close = text.indexOf('*/', start + 2)
  if (close === -1) doubt(start)
  comments.push({ start, end: close + 2, isLine: false })
  return close + 2
}

/** The offset of the first unit from `at` on that is neither blank nor in a comment. Notes no comment. */
export function nextOffset(text: string, at: number): number {
  let offset = at
  for (;;) {
    while (isBlank(text.charCodeAt(offset))) offset += 1
    if (text.startsWith('/*', offset)) {
      const close = text.indexOf('*/', offset + 2)
      if (close === -1) return offset
      offset = close + 2
    } else if (text.startsWith('//', offset)) {
      while (offset < text.length && !isLineEnd(text.charCodeAt(offset))) offset += 1
    } else return offset
  }
}

/** The offset of the last unit before `at` that is neither blank nor in a comment; -1 when there is none. */
export function previousOffset({ text, comments }: Source, at: number): number {
  let offset = at - 1
  for (;;) {
    while (offset >= 0 && isBlank(text.charCodeAt(offset))) offset -= 1
    const start = commentAround(comments, offset)
    if (start === -1) return offset
    offset = start - 1
  }
}

/** Where the comment starts that holds `offset`; -1 when none does. */
function commentAround(comments: Source['comments'], offset: number): number {
  let low = 0
  let high = comments.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((comments[middle]?.start ?? 0) <= offset) low = middle + 1
    else high = middle
  }
  const comment = comments[low - 1]
  return comment && offset < comment.end ? comment.start : -1
}
