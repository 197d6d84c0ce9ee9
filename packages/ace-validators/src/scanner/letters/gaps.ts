import { LONGEST_MARKUP, withoutComments } from './comments.ts'
import { TAG } from './markup.ts'
import type { Range } from '../decoding/derived-text.ts'

// What stands between the letters of a hit decides whether somebody wrote the words of the pattern in disguise, or other words
// whose letters happen to follow each other.

const CELLS = /^[ \t]{0,2}\|[ \t]{0,2}$/
/** Where two blocks of a prompt meet, which may be within a word. */
export const BORDER = '\ufffe\n'
/** UTF-16 units, without comments and tags. */
const LONGEST = 400
const TAGS = new RegExp(TAG, 'gi')

/** Gone when the text is shown. */
const MARKUP = new RegExp(
  String.raw`<sup>[^<]{0,8}<\/sup>|\[\[?\d{1,3}\]|!(?=\[)|==|\\-|${TAG}|\p{Cc}\[[\d;]*[a-z]|\]\([^()]*\)|\]\[[^\][]*\]|\[\^[^\][]*\]|\\(?:text)?color\{[a-z!0-9]{1,40}\}\{?|\\[a-z]{2,20}\{|[*_\x60~[\]{}^\\]`,
  'gisu',
)
/** Tags that begin a line of their own, and the spaces of LaTeX. */
const SPACES =
  /<\/?(?:br|p|li|t[dhr]|div|h[1-6]|[uo]l|table|hr|d[dt]|section|article|blockquote|pre)(?=[\s/>])[^<>]*>|\\(?:[,;:!]|q?quad|enspace|thinspace|textvisiblespace)/gi
/** Signs of comments, quotations and lists at the start of a line, and what ends a line of a string. */
const LINE_LEADER =
  /(?<=\n[ \t]{0,40})(?:#:|[#>*;%|"'-]|\/\/[/!]?|\/\*|\.\.|<!--|--| (?=[>*#]))+|(?:[#;%"']|\/\/|--|\*\/| ?[+\\])+(?=[ \t]*\r?\n)/g
const HYPHENATION = /^[-\u2010\u2011\u00ad=][ \t]*\r?\n[ \t]*(?:[#>*;%|]|\/\/|--)*[ \t]*$/
/** White space, and what looks like it: Hangul fillers, the blank Braille pattern, a border. */
const BLANK = /[\s\u0085\u115f\u1160\u2800\u3164\uffa0\ufffe]+/g
// oxlint-disable-next-line no-control-regex -- the one that begins a colour code stays
const UNSEEN = /[[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Cs}\p{M}\ufffd]--[\p{White_Space}\x1b]]/gv

/** Without a shape of its own in the middle of a word; between words it may be an icon. `\ufffe` is a border. */
const SHAPELESS = /[[\p{Co}\p{Cn}\u0640\u2800\ufffc]--[\ufffe]]/gv

export interface Gaps {
  /** Between two letters of one word. */
  readonly inside: readonly string[]
  /** Between two words of the pattern. */
  readonly between: readonly string[]
}

/** Whether a reader sees the words of the pattern. */
export function showsWords(gaps: Gaps): boolean {
  if ([...gaps.inside, ...gaps.between].some(isTooLong)) return false
  const [inside, between] = [gaps.inside.map(seen), gaps.between.map(seen)]
  return isSpelled(inside, between) || (inside.every(joins) && between.every(parts))
}

function isTooLong(gap: string): boolean {
  return (
    gap.length > LONGEST && (gap.length > LONGEST_MARKUP || withoutComments(gap).replace(TAGS, '').length > LONGEST)
  )
}

/**
 * Whether every word fills a cell of a table. A heading such as `| System | Command |`, which a line of dashes follows, names
 * columns.
 */
export function fillCells({ inside, between }: Gaps, text: string, { start, end }: Range): boolean {
  if (!inside.every((gap) => gap === '') || !between.every((gap) => CELLS.test(gap))) return false
  const [before, after] = [text.slice(Math.max(0, start - 3), start), text.slice(end, end + LONGEST)]
  return /\|[ \t]{0,2}$/.test(before) && /^[ \t]{0,2}\|(?![^\n]*\r?\n[ \t>]*\|?[ \t]*:?-)/.test(after)
}

/** Gaps remembered, and how long they may be. */
const REMEMBERED = 1024
const SHORT = 8
const known = new Map<string, boolean>()

/** Whether words may stand apart by a gap, unless they are spelled letter by letter. Asked wherever the letters of a pattern go by. */
export function mayPart(gap: string): boolean {
  const before = known.get(gap)
  if (before !== undefined) return before
  const answer = gap.length <= LONGEST_MARKUP && (parts(seen(gap)) || CELLS.test(gap))
  if (gap.length <= SHORT && known.size < REMEMBERED) known.set(gap, answer)
  return answer
}

function seen(gap: string): string {
  return gap === '' || gap === ' ' || HYPHENATION.test(gap) ? gap : gap.replace(UNSEEN, '')
}

/** The parts of a word stand together when what is between them does not show, or only breaks the line. */
function joins(gap: string): boolean {
  if (gap === '') return true
  const joined = gap.replace(SHAPELESS, '')
  return HYPHENATION.test(joined.replace(BORDER, '\n')) || shown(joined.replace(BORDER, '')) === ''
}

/** Words stand apart by white space, whatever markup or comment signs are in it. */
function parts(gap: string): boolean {
  // LaTeX's space.
  if (gap === ' ' || gap === '~') return true
  // Most gaps are a sign.
  if (gap.search(BLANK) === -1 && gap.search(SPACES) === -1) return false
  const left = shown(gap.replace(LINE_LEADER, '').replace(SPACES, ' '))
  return left !== '' && left.replace(BLANK, '') === ''
}

function shown(gap: string): string {
  return withoutComments(gap).replace(MARKUP, '').replace('\x1b', '')
}

/** Of a list of letters: `"n", "e", "w"`. */
const LONGEST_SIGN = 6

/** Letter by letter with the same signs between: `n-e-w i-n-s-t-r-u-c-t-i-o-n-s`. Words stand further apart, or by other signs. */
function isSpelled(inside: readonly string[], between: readonly string[]): boolean {
  const [sign = ''] = inside
  if (sign === '' || Array.from(sign).length > LONGEST_SIGN || /[\p{L}\p{N}]/u.test(sign)) return false
  return inside.every((gap) => gap === sign) && between.every((gap) => gap !== '' && gap !== sign)
}
