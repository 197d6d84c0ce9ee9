import type { Range } from './decoding/derived-text.ts'

/** Marks that stand in pairs around what they emphasise, and controls that stand around what they hide. */
const BEFORE =
  /(?:<([a-z][a-z0-9]*)[^<>]{0,200}>|([*_`~]|\| ?| ?\|)\2{0,2}|[\u202a\u202b\u202d\u202e\u2066-\u2068\u{e0001}]|\[)$/iu
const AFTER =
  /^(?:<\/([a-z][a-z0-9]*)[^<>]{0,20}>|([*_`~]|\| ?| ?\|)\2{0,2}|[\u202c\u2069\u{e007f}]|\]\([^()\n]{0,200}\))/iu
const REACH = 220
const MOST = 8
const WORD = 32

/** A place as a reader sees it: with the rest of its words and, of a disguise, with the marks around it that belong to it. */
export function placeOf(text: string, range: Range, isDisguised: boolean): Range {
  return withWholeWords(text, isDisguised ? withWrapping(text, range) : range)
}

/** Whether a place neither begins nor ends within a word. */
export function isWhole(text: string, { start, end }: Range): boolean {
  return (
    !/[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, start - 2), start)) &&
    !/^[\p{L}\p{N}]/u.test(text.slice(end, end + 2))
  )
}

/** The range with the rest of the ASCII words it begins and ends in. */
function withWholeWords(text: string, { start, end }: Range): Range {
  const before = /[A-Za-z0-9]{0,32}$/.exec(text.slice(Math.max(0, start - WORD), start))?.[0].length ?? 0
  const after = /^[A-Za-z0-9]{0,32}/.exec(text.slice(end, end + WORD))?.[0].length ?? 0
  return { start: start - before, end: end + after }
}

/** The range with the marks around it whose counterpart lies within it: whoever cuts it out takes the disguise with it. */
function withWrapping(text: string, { start, end }: Range): Range {
  let from = start
  let to = end
  for (let step = 0; step < MOST; step += 1) {
    const before = BEFORE.exec(text.slice(Math.max(0, from - REACH), from))
    const after = AFTER.exec(text.slice(to, to + REACH))
    const inside = text.slice(from, to)
    const left = before && isPaired(before, inside, '</') ? before[0].length : 0
    const right = after && isPaired(after, inside, '<') ? after[0].length : 0
    if (left + right === 0) break
    from -= left
    to += right
  }
  return { start: from, end: to }
}

function isPaired([mark, tag]: RegExpExecArray, inside: string, opening: string): boolean {
  if (tag !== undefined) return inside.toLowerCase().includes(`${opening}${tag.toLowerCase()}`)
  if (/^[*_`~ |]/.test(mark)) return inside.includes(mark)
  return !/^[[\]]/.test(mark) || inside.includes('](')
}
