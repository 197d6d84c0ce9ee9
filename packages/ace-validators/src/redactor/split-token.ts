import { matchAt } from './rule.ts'
import { looksLikeWords } from './value-shapes.ts'

const PIECE = String.raw`[A-Za-z0-9_+/=.-]`
// A look-ahead takes the first piece at once, instead of trying every shorter one.
const NEXT_LINE = new RegExp(`(?=(${PIECE}{4,256}))\\1\\r?\\n[ \\t]{1,32}(${PIECE}{8,512})(?=["']?(?:[\\r\\n]|$))`, 'y')

/** A token written as one piece on each of two indented lines, put together again. */
export interface SplitToken {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** What may be a split token at `start`. The second piece has to look like no word: lists have one on each line. */
export function splitTokenAt(text: string, start: number): SplitToken | undefined {
  const match = startsLine(text, start) ? matchAt(NEXT_LINE, text, start) : undefined
  const [whole, first = '', second = ''] = match ?? []
  if (whole === undefined || looksLikeWords(second)) return undefined
  return { text: first + second, start, end: start + whole.length }
}

function startsLine(text: string, start: number): boolean {
  // Nearly every place is told apart by this.
  if (start > 0 && !/[\s"']/.test(text.charAt(start - 1))) return false
  return /(?:^|[\r\n])[ \t]{0,32}["']?$/.test(text.slice(Math.max(0, start - 34), start))
}
