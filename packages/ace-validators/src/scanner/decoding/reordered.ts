import { codeUnits } from '../../unicode/code-units.ts'
import { Derivation, type DerivedText } from './derived-text.ts'

const BACKSPACE = 0x08
const DELETE = 0x7f
const REVERSED = /\u202e([^\u202c\u2069\n]*)[\u202c\u2069]?/g

/** Text between a right-to-left override and its end, in the order in which it is shown. */
export function asShown(text: string): DerivedText | undefined {
  if (!text.includes('\u202e')) return undefined
  const derivation = new Derivation(text)
  let copied = 0
  for (const match of text.matchAll(REVERSED)) {
    derivation.copy(copied, match.index)
    const start = match.index + 1
    for (let end = start + (match[1] ?? '').length; end > start;) {
      const length = end - 1 > start && (text.codePointAt(end - 2) ?? 0) > 0xffff ? 2 : 1
      derivation.put(text.slice(end - length, end), { start: end - length, end })
      end -= length
    }
    copied = match.index + match[0].length
  }
  derivation.copy(copied, text.length)
  return derivation.finish()
}

/** Without characters that a backspace or delete character takes back. */
export function withoutDeleted(text: string): DerivedText | undefined {
  if (!text.includes('\b') && !text.includes('\x7f')) return undefined
  const kept = new Int32Array(text.length)
  let length = 0
  for (const [index, unit] of codeUnits(text).entries()) {
    if (unit === BACKSPACE || unit === DELETE) length = Math.max(0, length - 1)
    else {
      kept[length] = index
      length += 1
    }
  }
  const derivation = new Derivation(text)
  for (const index of kept.subarray(0, length)) derivation.copy(index, index + 1)
  return derivation.finish()
}
