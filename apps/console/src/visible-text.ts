/** A stretch of text from a record: untrusted, shown as text and nothing else. */
export interface Piece {
  readonly text: string
  /** `invisible`: characters that show nothing, or turn the direction of others. */
  readonly kind: 'plain' | 'invisible' | 'redaction'
  /** Which match of the search it belongs to, from 0. */
  readonly match: number | undefined
}

/** Characters that show nothing, pass for a space, or turn the direction of others: controls, fillers, what has no glyph. */
export const HIDDEN_CHARACTER =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\u00a0\u115f\u1160\u2000-\u200a\u202f\u205f\u2800\u3000\u3164\uffa0]/u
/** Where lines are kept, their ends and tabs are seen. */
const INVISIBLE = new RegExp(`(?![\\n\\t])${HIDDEN_CHARACTER.source}`, 'u')
const MARKED = new RegExp(
  `(?<redaction>\\[REDACTED:[a-z0-9_-]{1,64}:[^\\]\\s]{0,128}\\])|(?<invisible>${INVISIBLE.source})`,
  'gu',
)

/** `U+202E` */
export function codePointName(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}

/** The text in pieces; put together they are the text. */
export function piecesOf(text: string, matches: readonly Range[] = []): Piece[] {
  const pieces: Piece[] = []
  let cursor = 0
  for (const found of text.matchAll(MARKED)) {
    push(text.slice(cursor, found.index), cursor, 'plain')
    push(found[0], found.index, found.groups?.['redaction'] === undefined ? 'invisible' : 'redaction')
    cursor = found.index + found[0].length
  }
  push(text.slice(cursor), cursor, 'plain')
  return pieces

  function push(part: string, start: number, kind: Piece['kind']): void {
    let from = start
    const end = start + part.length
    for (const [match, range] of matches.entries()) {
      if (range.end <= from || range.start >= end) continue
      add(from, Math.max(from, range.start), undefined)
      add(Math.max(from, range.start), Math.min(end, range.end), match)
      from = Math.min(end, range.end)
    }
    add(from, end, undefined)

    function add(first: number, last: number, match: number | undefined): void {
      if (last > first) pieces.push({ text: text.slice(first, last), kind, match })
    }
  }
}

export interface Range {
  readonly start: number
  readonly end: number
}

/** Where the words stand, whatever their case; the first thousand places. */
export function matchesIn(text: string, words: string): Range[] {
  if (words === '') return []
  const pattern = new RegExp(words.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`), 'giu')
  const found: Range[] = []
  for (const { index, 0: matched } of text.matchAll(pattern)) {
    found.push({ start: index, end: index + matched.length })
    if (found.length === 1000) break
  }
  return found
}

/** The text in lines as a person reads them: a line ends at its end, or where a JSON string says so with `\n`. */
export function linesOf(text: string): Range[] {
  const lines: Range[] = []
  let start = 0
  for (const { index, 0: end } of text.matchAll(/(?<!\\)(?:\\\\)*\\n|\n/g)) {
    lines.push({ start, end: index + end.length })
    start = index + end.length
  }
  if (start < text.length) lines.push({ start, end: text.length })
  return lines
}
