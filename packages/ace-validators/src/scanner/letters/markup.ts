import type { Read, Special } from './reader.ts'

/** UTF-16 units that markup may take; a longer one is read as text, and hides nothing between two letters of a word. */
const LONGEST = 300
/** Tags, colour codes of terminals, targets of links, footnote marks, commands and spaces of LaTeX: letters that are not shown. */
const WITHOUT_COMMENTS =
  /<\/?[a-z][^<>]{0,280}>|\\(?:q?quad|enspace|thinspace|textvisiblespace)(?![a-z])|\p{Cc}\[[\d;]{0,20}[a-z]|\]\([^()\n]{0,280}\)|\[\^[^\][\n]{1,40}\]|\\[a-z]{2,20}\{/iuy

/** Comments and other markup, which is read as nothing. */
export const MARKUP: Special = {
  // oxlint-disable-next-line no-control-regex -- it begins a colour code
  beginning: /<[a-z/!]|\x1b\[|\]\(|\[\^|\\[a-z]|\/\*/gi,
  reading(text) {
    const commentEnd = nextIn(text, '-->')
    const codeCommentEnd = nextIn(text, '*/')
    return (index) => {
      if (text.startsWith('<!--', index)) return commentEnd(index + 4)
      if (text.startsWith('/*', index)) return codeCommentEnd(index + 2)
      WITHOUT_COMMENTS.lastIndex = index
      return WITHOUT_COMMENTS.test(text) ? { letters: '', end: WITHOUT_COMMENTS.lastIndex } : undefined
    }
  },
}

/** What is read up to the next `end`. It is looked for once, however many comments begin before it. */
function nextIn(text: string, end: string): (from: number) => Read | undefined {
  let next = -1
  return (from) => {
    if (next < from) next = positionOf(text, end, from)
    return next - from + end.length > LONGEST ? undefined : { letters: '', end: next + end.length }
  }
}

function positionOf(text: string, end: string, from: number): number {
  const index = text.indexOf(end, from)
  return index === -1 ? Infinity : index
}
