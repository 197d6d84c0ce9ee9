import type { Comment } from './outline.ts'

const LINE_FEED = 0x0a
/** Blanks looked at between a comment and what it belongs to; more is no layout of a person. */
const MAX_BLANKS = 200

/**
 * Where a part starts with the comments that belong to it: a comment that stands alone on its lines and ends on the line
 * before the part, and one that ends on the line before such a comment.
 */
export function startWithComments(text: string, comments: readonly Comment[], start: number): number {
  let first = start
  for (let index = commentsBefore(comments, start) - 1; index >= 0; index -= 1) {
    const comment = comments[index]
    if (comment === undefined || lineFeedsBetween(text, comment.end, first) !== 1) break
    if (!isFirstOnLine(text, comment.start)) break
    first = comment.start
  }
  return first
}

/** How many comments end before an offset. */
function commentsBefore(comments: readonly Comment[], offset: number): number {
  let low = 0
  let high = comments.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((comments[middle]?.end ?? 0) <= offset) low = middle + 1
    else high = middle
  }
  return low
}

/** Undefined when there is more than blanks between two offsets. */
function lineFeedsBetween(text: string, from: number, to: number): number | undefined {
  if (to - from > MAX_BLANKS) return undefined
  let count = 0
  for (let at = from; at < to; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit === LINE_FEED) count += 1
    else if (!isBlank(unit)) return undefined
  }
  return count
}

/** Code before a comment on its line means that it explains that line. */
function isFirstOnLine(text: string, offset: number): boolean {
  for (let at = offset - 1; at >= 0 && at > offset - MAX_BLANKS; at -= 1) {
    const unit = text.charCodeAt(at)
    if (unit === LINE_FEED) return true
    if (!isBlank(unit)) return false
  }
  return offset < MAX_BLANKS
}

function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x09 || unit === 0x0d || unit === 0x2028 || unit === 0x2029
}
