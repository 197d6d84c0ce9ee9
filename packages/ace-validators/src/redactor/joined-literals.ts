import { matchAt } from './rule.ts'
import type { Span } from './substitution.ts'
import { looksLikeWords } from './value-shapes.ts'

/** A text that a program puts together, and where its pieces stand. */
export interface JoinedLiterals {
  readonly joined: string
  readonly from: Span
}

const QUOTES = ['"', "'", '`'] as const
const PIECE = String.raw`[\w+/=.:~%$-]`
const LONGEST_PIECE = 512
const MOST_PIECES = 32
/** Beside each other, or by the sign for it in one of the common languages. */
const SIGN = String.raw`(?:\s{0,32}(?:\+|\.{1,2}|&|\|\||~|<>)\s{0,32}|\s{1,32})`
const IN_PIECE = new RegExp(PIECE)

/** A piece goes on in the next literal, or in the next line behind a backslash. */
const JOINTS = [
  ...QUOTES.map((quote) => ({ mark: quote, joint: `${quote}${SIGN}${quote}` })),
  { mark: '\\\n', joint: String.raw`\\\n` },
  { mark: '\\\r\n', joint: String.raw`\\\r\n` },
].map(({ mark, joint }) => {
  // A look-ahead takes a piece at once, instead of trying every shorter one.
  const next = `${joint}(?=(${PIECE}{1,${LONGEST_PIECE}}))`
  return { mark, next: new RegExp(`${next}\\1`, 'y') }
})

/** Texts in two pieces or more, as people write a token that no search shall find. Code puts words together all the time: those are left out. */
export function joinedLiterals(text: string): JoinedLiterals[] {
  return JOINTS.flatMap(({ mark, next }) => {
    const found: JoinedLiterals[] = []
    for (let at = text.indexOf(mark); at !== -1;) {
      const literals = joinedAt(text, at, next)
      if (literals !== undefined && !looksLikeWords(literals.joined)) found.push(literals)
      at = text.indexOf(mark, literals?.from.end ?? at + mark.length)
    }
    return found
  })
}

function joinedAt(text: string, joint: number, next: RegExp): JoinedLiterals | undefined {
  const second = IN_PIECE.test(text.charAt(joint - 1)) ? matchAt(next, text, joint) : undefined
  if (second === undefined) return undefined
  let start = joint - 1
  while (start > joint - LONGEST_PIECE && IN_PIECE.test(text.charAt(start - 1))) start -= 1
  let joined = text.slice(start, joint)
  let end = joint
  let match: RegExpExecArray | undefined = second
  for (let pieces = 1; match && pieces < MOST_PIECES; pieces += 1, match = matchAt(next, text, end)) {
    joined += match[1] ?? ''
    end += match[0].length
  }
  return { joined, from: { start: start - quoteAt(text, start - 1), end: end + quoteAt(text, end) } }
}

/** How many quotes stand at a place. */
function quoteAt(text: string, index: number): number {
  return Number(/["'`]/.test(text.charAt(index)))
}
