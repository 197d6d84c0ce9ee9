import { BETWEEN, Derivation, type DerivedText } from './derived-text.ts'
import { namedEntity } from './entities.ts'

const HEX = '[0-9a-fA-F]'
const ENTITY = String.raw`&(?:#[xX]0{0,40}${HEX}{1,6}|#0{0,40}\d{1,7}|[a-zA-Z][a-zA-Z0-9]{1,30});?`
const PERCENT = String.raw`(?:%${HEX}{2})+|%u${HEX}{4}`
const QUOTED_PRINTABLE = '(?:=[0-9A-F]{2})+'
const PLUS = String.raw`\++`
/** Of programming languages, RTF and CSS, the last two of which may take a blank with them. */
const CHARACTER = [
  String.raw`[uU](?:\{${HEX}{1,6}\}|00(?:0${HEX}|10)${HEX}{4}|${HEX}{4})`,
  String.raw`[xX](?:\{${HEX}{1,6}\}|${HEX}{2})`,
  String.raw`N\{[A-Z0-9+ -]{5,30}\}`,
  String.raw`o\{[0-7]{1,7}\}`,
  `'${HEX}{2}`,
  `0{4}[2-7]${HEX} ?`,
  '[0-7]{3}',
  String.raw`[2-7]${HEX}(?: |(?!${HEX}))`,
]
/** Of white space between words, in one string or at the end of one with another below it: `line\n` in quotes often ends a text. */
const WHITE_SPACE = String.raw`(?<=[^\s"'\x60/\\?([|+][ \t]{0,8})(?:\\{1,4}[nrtfv][ \t]{0,8})+(?:\\{0,4}["'][ \t]{0,8}[,+.]?\s{0,80}\\{0,4}["'])?(?![\s"'\x60)\]|?+,;$]|\\{1,4}[nrtfv])`
/** Within a word, of which nothing remains. */
const LINE_END = String.raw`(?<=[\p{L}\p{N}])\\\r?\n[ \t]{0,40}(?=[\p{L}\p{N}])`
const SLASH = String.raw`(?<=<)\\{1,4}\/`

const ESCAPE = new RegExp(
  [
    ENTITY,
    PERCENT,
    QUOTED_PRINTABLE,
    PLUS,
    String.raw`\\(?:${CHARACTER.join('|')})`,
    WHITE_SPACE,
    LINE_END,
    SLASH,
  ].join('|'),
  'gu',
)
const ANY_QUOTED_PRINTABLE = /=[0-9A-F]{2}\w{0,20}=[0-9A-F]{2}/
const ANY = new RegExp(
  [
    '&[#a-zA-Z]',
    `%u?${HEX}{2}`,
    ANY_QUOTED_PRINTABLE.source,
    String.raw`\\(?:[uUxXo0-7']|N\{)`,
    WHITE_SPACE,
    LINE_END,
    SLASH,
  ].join('|'),
  'u',
)

/** UTF-16 units around an escape that can belong to one pattern with it. */
const NEAR = 1024

/** Entities, percent signs and the escapes of programming languages as the characters they stand for, with what is near them. */
export function withoutEscapes(text: string): DerivedText | undefined {
  if (!ANY.test(text)) return undefined
  const found = { percent: /%[0-9a-f]{2}/i.test(text), quotedPrintable: ANY_QUOTED_PRINTABLE.test(text) }
  let derivation: Derivation | undefined
  let copied = 0
  ESCAPE.lastIndex = 0
  for (let match = ESCAPE.exec(text); match !== null; match = ESCAPE.exec(text)) {
    const meaning = meaningOf(match[0], found)
    if (meaning === undefined) continue
    derivation ??= new Derivation(text)
    const end = match.index + match[0].length
    if (match.index - copied > 2 * NEAR) {
      // What is far from any escape was looked at already.
      if (copied > 0) derivation.copy(copied, copied + NEAR)
      derivation.put(BETWEEN, { start: copied, end: match.index })
      copied = match.index - NEAR
    }
    derivation.copy(copied, match.index)
    if (match[0].startsWith('+')) derivation.putEach(meaning, match.index)
    else derivation.put(meaning, { start: match.index, end })
    copied = end
  }
  if (derivation === undefined) return undefined
  derivation.copy(copied, Math.min(text.length, copied + NEAR))
  return derivation.finish()
}

interface Found {
  readonly percent: boolean
  readonly quotedPrintable: boolean
}

function meaningOf(escape: string, found: Found): string | undefined {
  switch (escape.charAt(0)) {
    case '+':
      // Spaces, where there are percent signs.
      return found.percent ? ' '.repeat(escape.length) : undefined
    case '%':
      return escape.charAt(1) === 'u' ? hexadecimal(escape.slice(2)) : bytes(escape.replaceAll('%', ''))
    case '=':
      return found.quotedPrintable ? bytes(escape.replaceAll('=', '')) : undefined
    case '&':
      return entity(escape.slice(1))
    default:
      return escaped(escape.replace(/^\\+/, ''))
  }
}

/** `parseInt` stops at the sign that ends an entity. */
function entity(text: string): string | undefined {
  if (/^#x/i.test(text)) return hexadecimal(text.slice(2))
  if (text.startsWith('#')) return characterOf(Number.parseInt(text.slice(1), 10))
  return namedEntity(text.replace(';', ''))
}

/** What backslashes begin. */
function escaped(text: string): string | undefined {
  switch (text.charAt(0)) {
    case 'u':
    case 'U':
    case 'x':
    case 'X':
      return hexadecimal(text.slice(text.charAt(1) === '{' ? 2 : 1))
    case 'N':
      return named(text)
    case 'o':
      return octal(text.slice(2))
    case "'":
      return hexadecimal(text.slice(1))
    case '/':
      return text
    case '\r':
    case '\n':
      return ''
    default:
      return /^[0-7]/.test(text) ? octalOrOfCss(text) : whiteSpace(text)
  }
}

function octalOrOfCss(digits: string): string | undefined {
  if (/^[0-7]{3}$/.test(digits)) return octal(digits)
  // The space of CSS and, where it stands alone, of octal escapes.
  return hexadecimal(/^40 ?$/.test(digits) ? '20' : digits)
}

function named(text: string): string | undefined {
  const name = /^N\{(?:LATIN (?:SMALL|CAPITAL) LETTER (?<letter>[A-Z])|(?<space>[A-Z -]*SPACE))\}$/.exec(text)?.groups
  if (name) return name['letter'] ?? ' '
  return hexadecimal(text.replace('N{U+', ''))
}

const WHITE_SPACE_OF: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v' }

/** Letters of escapes with blanks between, up to the end of a string. */
function whiteSpace(text: string): string {
  const quote = text.search(/["']/)
  const letters = quote === -1 ? text : text.slice(0, quote)
  return (
    WHITE_SPACE_OF[letters] ??
    letters.replace(/[^nrtfv ]/g, '').replace(/[nrtfv]/g, (letter) => WHITE_SPACE_OF[letter] ?? '')
  )
}

function bytes(digits: string): string {
  return Buffer.from(digits, 'hex').toString('utf8')
}

function octal(digits: string): string | undefined {
  return characterOf(Number.parseInt(digits, 8))
}

function hexadecimal(digits: string): string | undefined {
  return characterOf(Number.parseInt(digits, 16))
}

function characterOf(codePoint: number): string | undefined {
  return codePoint > 0 && codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : undefined
}
