import { BETWEEN, Derivation, type DerivedText, type Range } from './derived-text.ts'

// Text written with characters that nobody sees.

/** Answered at once for most texts, which hold one byte a character. */
const BEYOND_LATIN = /[\u0100-\uffff]/
const HIDDEN = /[\u{e0020}-\u{e007e}]|[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]|[\u200b-\u200d\u2060-\u2064\ufeff]/u
const TAGS = /[\u{e0020}-\u{e007e}](?:[\u{e0000}-\u{e007f}]*[\u{e0020}-\u{e007e}])?/gu
const SELECTORS = /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{4,}/gu
const BITS = /(?:[\u200b-\u200d\u2060-\u2064\ufeff]{8}){4,}/g

/** What tag characters, runs of variation selectors as bytes, and two invisible characters as bits say, one after the other. */
export function hiddenText(text: string): DerivedText | undefined {
  if (!BEYOND_LATIN.test(text) || !HIDDEN.test(text)) return undefined
  const hidden = new Derivation(text)
  for (const match of text.matchAll(TAGS)) putCharacters(match, (codePoint) => codePoint - 0xe0000)
  for (const match of text.matchAll(SELECTORS)) putCharacters(match, selectorByte)
  for (const match of text.matchAll(BITS)) putBits(match)
  return hidden.isEmpty ? undefined : hidden.finish()

  function putCharacters(run: RegExpExecArray, byteOf: (codePoint: number) => number): void {
    let start = run.index
    for (const character of run[0]) {
      const end = start + character.length
      put(byteOf(character.codePointAt(0) ?? 0), { start, end })
      start = end
    }
    hidden.put(BETWEEN, { start, end: start })
  }

  /** Two characters, of which either may be the one. */
  function putBits(run: RegExpExecArray): void {
    const kinds = new Set(run[0])
    if (kinds.size !== 2) return
    const end = run.index + run[0].length
    for (const one of kinds) {
      for (let start = run.index; start < end; start += 8) {
        let byte = 0
        for (let index = start; index < start + 8; index += 1) byte = byte * 2 + (text[index] === one ? 1 : 0)
        put(byte, { start, end: start + 8 })
      }
      hidden.put(BETWEEN, { start: end, end })
    }
  }

  function put(byte: number, from: Range): void {
    if (byte >= 0x20 && byte < 0x7f) hidden.put(String.fromCharCode(byte), from)
  }
}

/** VS1 to VS16 are the bytes 0 to 15, VS17 to VS256 the others. */
function selectorByte(codePoint: number): number {
  return codePoint >= 0xe0100 ? codePoint - 0xe0100 + 16 : codePoint - 0xfe00
}
