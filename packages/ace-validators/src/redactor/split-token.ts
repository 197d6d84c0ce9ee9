import { matchAt } from './rule.ts'
import { looksRandom } from './value-shapes.ts'

const PIECE = String.raw`[A-Za-z0-9_+/=.-]`
// A look-ahead takes the first piece at once, instead of trying every shorter one.
const CONCATENATED = new RegExp(
  `(?=(${PIECE}{1,256}))\\1["'\`]\\s{0,16}[+.]\\s{0,16}["'\`](${PIECE}{8,512})(?=["'\`])`,
  'y',
)
const NEXT_LINE = new RegExp(`(?=(${PIECE}{4,256}))\\1\\r?\\n[ \\t]{1,32}(${PIECE}{8,512})(?=["']?(?:[\\r\\n]|$))`, 'y')

/** A token written as two pieces, `"ab" + "cd"` or one on each of two indented lines, put together again. */
export interface SplitToken {
  readonly text: string
  /** Where both stand in the text around, with the quotes of an expression. */
  readonly start: number
  readonly end: number
}

/** What may be a split token at `start`. The second piece has to look like no word: code puts words together all the time. */
export function splitTokenAt(text: string, start: number): SplitToken | undefined {
  const quoted = matchAt(CONCATENATED, text, start)
  if (quoted) return token(quoted, start - Number(/["'`]/.test(text.charAt(start - 1))), start + quoted[0].length + 1)
  const wrapped = startsLine(text, start) ? matchAt(NEXT_LINE, text, start) : undefined
  return wrapped && token(wrapped, start, start + wrapped[0].length)
}

function token([, first = '', second = '']: RegExpExecArray, start: number, end: number): SplitToken | undefined {
  return looksRandom(second) ? { text: first + second, start, end } : undefined
}

function startsLine(text: string, start: number): boolean {
  // Nearly every place is told apart by this.
  if (start > 0 && !/[\s"']/.test(text.charAt(start - 1))) return false
  return /(?:^|[\r\n])[ \t]{0,32}["']?$/.test(text.slice(Math.max(0, start - 34), start))
}
