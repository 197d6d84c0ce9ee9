import { readable } from './readable.ts'

// Texts in bases that no language has built in.

const LETTER_A = 0x41
const DIGIT_2 = 0x32
const ASCII85_FIRST = 0x21
const ASCII85_LAST = 0x75

/** Five bits a letter: `A` to `Z`, then `2` to `7`. */
export function base32Decoded(run: string): string | undefined {
  const bytes = Buffer.alloc(Math.floor((run.length * 5) / 8))
  let bits = 0
  let held = 0
  let length = 0
  for (let index = 0; index < run.length; index += 1) {
    const code = run.charCodeAt(index)
    bits = ((bits << 5) | (code >= LETTER_A ? code - LETTER_A : code - DIGIT_2 + 26)) & 0xfff
    held += 5
    if (held < 8) continue
    held -= 8
    bytes[length] = (bits >> held) & 0xff
    length += 1
  }
  return readable(bytes)
}

/** Four bytes in five signs; `z` for four zeros. */
export function ascii85Decoded(run: string): string | undefined {
  const signs = run.replace(/\s/g, '').replaceAll('z', '!!!!!')
  const bytes = Buffer.alloc(Math.ceil(signs.length / 5) * 4)
  for (let start = 0; start < signs.length; start += 5) {
    let number = 0
    for (let at = start; at < start + 5; at += 1) {
      const code = at < signs.length ? signs.charCodeAt(at) : ASCII85_LAST
      if (code < ASCII85_FIRST || code > ASCII85_LAST) return undefined
      number = number * 85 + code - ASCII85_FIRST
    }
    if (number > 0xffff_ffff) return undefined
    bytes.writeUInt32BE(number, (start / 5) * 4)
  }
  const missing = (5 - (signs.length % 5)) % 5
  return readable(bytes.subarray(0, bytes.length - missing))
}
