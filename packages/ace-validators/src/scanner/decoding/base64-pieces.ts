import type { Decoded } from './base64-runs.ts'
import { readable } from './readable.ts'

/** Between strings that are put together, and what nobody sees. */
const SEPARATOR = /["'][ \t]*[+.]?\s{0,20}["']|[\u00ad\u200b-\u200d\u2060\ufeff]+/g
const DIGIT = /[A-Za-z0-9+/]/
const DIGITS_AFTER = /[A-Za-z0-9+/]*/y
/** Digits; fewer hold no pattern. */
const SHORTEST = 16
/** Digits of the first piece; a longer one is read by itself. */
const LONGEST = 1000

/** The texts that stand in a text as base64 that is cut into pieces within a line. */
export function base64Pieces(text: string): Decoded[] {
  const found: Decoded[] = []
  let digits = ''
  let start = 0
  let end = -1
  const finish = (): void => {
    const decoded = digits.length < SHORTEST ? undefined : readable(Buffer.from(digits, 'base64'))
    if (decoded !== undefined) found.push({ decoded, from: { start, end } })
  }
  SEPARATOR.lastIndex = 0
  for (let match = SEPARATOR.exec(text); match !== null; match = SEPARATOR.exec(text)) {
    if (match.index !== end) {
      finish()
      start = startOfDigits(text, match.index)
      end = match.index
      digits = text.slice(start, end)
      if (digits === '') continue
    }
    DIGITS_AFTER.lastIndex = SEPARATOR.lastIndex
    const next = DIGITS_AFTER.exec(text)?.[0] ?? ''
    digits += next
    end = SEPARATOR.lastIndex + next.length
    SEPARATOR.lastIndex = end
  }
  finish()
  return found
}

function startOfDigits(text: string, end: number): number {
  let start = end
  while (start > 0 && end - start < LONGEST && DIGIT.test(text.charAt(start - 1))) start -= 1
  return start
}
