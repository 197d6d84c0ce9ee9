import type { Range } from './decoding/derived-text.ts'

// A text is cut only where no view joins what stands on the two sides, so that the view of a text is the views of its
// pieces put together. That is how a hit in a view finds its way back to the raw text.

// What may follow its base without a cut: marks, what V1 deletes, and the code points that canonical composition joins
// to a predecessor although they are no marks: Hangul vowels and finals, U+16D67, and the halfwidth voicing marks.
const JOINED =
  /[[\p{M}\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\u1160-\u11ff\u{16d63}\u{16d67}\u0e33\u0eb3\uff9e\uff9f]--\p{White_Space}]/v

/** Start offsets of the pieces of `text`: the smallest that may be cut, or the first cut after every `size` units. */
export function cut(text: string, size = 1): number[] {
  const starts: number[] = []
  let last = -size
  for (let index = 0; index < text.length; index += 1) {
    if (index - last >= size && mayStart(text, index)) {
      starts.push(index)
      last = index
    }
  }
  if (starts[0] !== 0 && text.length > 0) starts.unshift(0)
  return starts
}

/** The smallest piece of `text` around a place. */
export function pieceAround(text: string, index: number): Range {
  let start = index
  while (start > 0 && !mayStart(text, start)) start -= 1
  let end = index + 1
  while (end < text.length && !mayStart(text, end)) end += 1
  return { start, end }
}

function mayStart(text: string, index: number): boolean {
  const unit = text.charCodeAt(index)
  if (unit >= 0x20 && unit < 0x7f) return true
  if (isLowSurrogate(unit) && index > 0 && isHighSurrogate(text.charCodeAt(index - 1))) return false
  const codePoint = text.codePointAt(index) ?? unit
  return !(codePoint > 0xffff ? JOINED.test(String.fromCodePoint(codePoint)) : isJoinedUnit(codePoint))
}

/** 1 for units that are joined, 2 for the others, as far as they were met: asking the expression takes twenty times as long. */
const joinedUnits = new Uint8Array(0x10000)

function isJoinedUnit(unit: number): boolean {
  if (joinedUnits[unit] === 0) joinedUnits[unit] = JOINED.test(String.fromCharCode(unit)) ? 1 : 2
  return joinedUnits[unit] === 1
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
