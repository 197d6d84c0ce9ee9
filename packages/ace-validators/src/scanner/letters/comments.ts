/** What begins and ends a comment of HTML and of code, then of templates. */
const COMMENTS: readonly (readonly [string, string])[] = [
  ['<!--', '-->'],
  ['/*', '*/'],
  ['{#', '#}'],
  ['{{!', '}}'],
  ['<%', '%>'],
  ['<?', '?>'],
]

const ORDINARY = 2
/** UTF-16 units that markup may take; a longer one is read as text. */
export const LONGEST_MARKUP = 2048
/** That it may take where it does not part the letters of a word, or two words with one blank: what it holds may be an attack, and must not be skipped. */
const LONGEST_APART = 300

/** Where the comment ends that begins at a place; undefined if none does. Asked about places in rising order. */
export type CommentEnd = (index: number) => number | undefined

/** Each end is looked for once, however many comments begin before it. */
export function commentEnds(text: string): CommentEnd {
  const ends = COMMENTS.map(([, end]) => nextIn(text, end))
  return (index) => {
    const number = COMMENTS.findIndex(([beginning]) => text.startsWith(beginning, index))
    const end = ends[number]?.(index + (COMMENTS[number]?.[0].length ?? 0))
    if (end === undefined || end - index > LONGEST_MARKUP) return undefined
    return (number < ORDINARY && end - index <= LONGEST_APART) || isBetweenLetters(text, index, end) ? end : undefined
  }
}

/** Whether markup may be skipped: it is short, or stands between two letters. */
export function maySkip(text: string, start: number, end: number): boolean {
  return end - start <= LONGEST_APART || isBetweenLetters(text, start, end)
}

function isBetweenLetters(text: string, start: number, end: number): boolean {
  const around = `${text.slice(Math.max(0, start - 3), start)}<>${text.slice(end, end + 3)}`
  return /\p{L}(?:<>\s?|\s<>)\p{L}/u.test(around)
}

/** What stands between two letters, without its comments. */
export function withoutComments(gap: string): string {
  if (!/[<{/][!#%?*{]/.test(gap)) return gap
  const text = `x${gap}x`
  const endOf = commentEnds(text)
  let left = ''
  for (let index = 0; index < text.length;) {
    const end = endOf(index)
    if (end === undefined) left += text.charAt(index)
    index = end ?? index + 1
  }
  return left.slice(1, -1)
}

function nextIn(text: string, end: string): (from: number) => number {
  let next = -1
  return (from) => {
    if (next < from + end.length) next = endAfter(text, end, from)
    return next
  }
}

function endAfter(text: string, end: string, from: number): number {
  const index = text.indexOf(end, from)
  return index === -1 ? Infinity : index + end.length
}
