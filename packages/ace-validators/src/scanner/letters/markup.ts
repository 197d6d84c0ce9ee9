import { commentEnds, maySkip } from './comments.ts'
import type { Special } from './reader.ts'

/** Of a tag: a sign in quotes does not end it, unless the quotes do not end either. */
const ATTRIBUTES = String.raw`(?:(?:[^<>"']|"[^"]{0,2000}"|'[^']{0,2000}'){0,2000}|[^<>]{0,2000})`
/** Tags of HTML and of forums, and where two texts of XML meet. */
export const TAG = String.raw`<\/?[a-z]${ATTRIBUTES}>|\[\/?(?:b|i|u|s|em|url|color|size|font)(?:=[^\][\n]{0,100})?\]|\]\]>\s{0,20}<!\[CDATA\[`
/** Targets of links, by address or by name, and footnote marks. */
const TARGETS = String.raw`\]\([^()\n]{0,2000}\)|(?<=\w)\]\[[^\][\n]{0,40}\]|\[\^[^\][\n]{1,40}\]`
/** Spaces and commands of LaTeX, with the name of a colour. */
const LATEX = String.raw`\\(?:q?quad|enspace|thinspace|textvisiblespace)(?![a-z])|\\(?:text)?color\{[a-z!0-9]{1,40}\}\{?|\\[a-z]{2,20}\{`
/** Colour codes of terminals. */
const COLOUR = String.raw`\p{Cc}\[[\d;]{0,20}[a-z]`
const WITHOUT_COMMENTS = new RegExp([TAG, LATEX, COLOUR, TARGETS].join('|'), 'iuy')

/** Comments and other markup, which is read as nothing: letters that are not shown. */
export const MARKUP: Special = {
  // oxlint-disable-next-line no-control-regex -- it begins a colour code
  beginning: /<[a-z/!%?]|\x1b\[|\]\(|\[\^|\\[a-z]|\/\*|\{[#{]|\]\]|\]\[|\[[/biusecf]/gi,
  reading(text) {
    const commentEnd = commentEnds(text)
    return (index) => {
      const end = commentEnd(index) ?? tagEnd(text, index)
      return end === undefined ? undefined : { letters: '', end }
    }
  },
}

function tagEnd(text: string, index: number): number | undefined {
  WITHOUT_COMMENTS.lastIndex = index
  const isFound = WITHOUT_COMMENTS.test(text) && maySkip(text, index, WITHOUT_COMMENTS.lastIndex)
  return isFound ? WITHOUT_COMMENTS.lastIndex : undefined
}
