import { isUtf8 } from 'node:buffer'

/** A text as comparisons see it, and where in the text itself each of its characters begins and ends. */
export interface ComparedText {
  readonly text: string
  readonly starts: readonly number[]
  readonly ends: readonly number[]
}

const H = '[0-9a-fA-F]'
// Each alternative takes a whole run of backslashes and never gives one back, so that a hostile text costs linear time. A run
// of more than one is an escape that was escaped again.
const BACKSLASHED = String.raw`\\+(?:u(?:[dD][89abAB]${H}{2}\\+u[dD][c-fC-F]${H}{2}|${H}{4}|\{${H}{1,6}\})|U${H}{8}|x${H}{2}(?:\\+x${H}{2})*|[0-3][0-7]{2}(?:\\+[0-3][0-7]{2})*|[abfnrtv0])?`
const ESCAPE = new RegExp(`${BACKSLASHED}|(?:%${H}{2})+|&(?:#\\d{1,7}|#x${H}{1,6}|amp|apos|gt|lt|nbsp|quot);`, 'g')
const UNIT = new RegExp(`${ESCAPE.source}|[^]`, 'gu')
const IGNORED = /[\s\p{M}\p{Cc}\p{Cf}]+/gu
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', apos: "'", gt: '>', lt: '<', quot: '"' }

/**
 * A text without what programs change when they repeat it: escapes of JSON, Python, C, URLs and HTML are what they stand for;
 * white space, accents and case are gone. Linear time.
 */
export function foldedText(text: string): string {
  return text.replace(ESCAPE, unescaped).normalize('NFKD').replace(IGNORED, '').toUpperCase()
}

/** The same with the places it came from. */
export function comparedFolded(text: string): ComparedText {
  const starts: number[] = []
  const ends: number[] = []
  let folded = ''
  for (const { 0: unit, index } of text.matchAll(UNIT)) {
    const piece = foldedText(unit)
    folded += piece
    for (let at = 0; at < piece.length; at += 1) {
      starts.push(index)
      ends.push(index + unit.length)
    }
  }
  return { text: folded, starts, ends }
}

function unescaped(escape: string): string {
  if (escape.startsWith('%')) return textOfBytes(escape.slice(1).split('%'), 16)
  if (escape.startsWith('&')) return entity(escape.slice(1, -1))
  // Empty before the first backslash; the first letter says what the digits are.
  const [, first = '', ...rest] = escape.split(/\\+/)
  const codes = [first, ...rest]
  if (first.startsWith('u{')) return character(Number.parseInt(first.slice(2, -1), 16))
  if (first.startsWith('U')) return character(Number.parseInt(first.slice(1), 16))
  if (first.startsWith('u')) return String.fromCharCode(...codes.map((code) => Number.parseInt(code.slice(1), 16)))
  if (first.startsWith('x'))
    return textOfBytes(
      codes.map((code) => code.slice(1)),
      16,
    )
  return /^\d\d/.test(first) ? textOfBytes(codes, 8) : ''
}

function entity(name: string): string {
  if (name.startsWith('#x')) return character(Number.parseInt(name.slice(2), 16))
  return name.startsWith('#') ? character(Number(name.slice(1))) : (ENTITIES[name] ?? '')
}

function character(code: number): string {
  return code <= 0x10_ff_ff ? String.fromCodePoint(code) : ''
}

/** Bytes are UTF-8 where they can be; Python writes single Latin characters the same way. */
function textOfBytes(digits: readonly string[], radix: number): string {
  const bytes = Buffer.from(digits.map((digit) => Number.parseInt(digit, radix)))
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1')
}
