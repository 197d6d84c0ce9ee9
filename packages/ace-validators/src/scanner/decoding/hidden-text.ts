import { BETWEEN, Derivation, type DerivedText, type Range } from './derived-text.ts'

// Text written with characters that nobody sees.

/** Answered at once for most texts, which hold one byte a character. */
const BEYOND_LATIN = /[\u0100-\uffff]/
const UNSEEN = '\\u115f\\u1160\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0'
const HIDDEN = new RegExp(`[\\u{e0020}-\\u{e007e}\\u{e0100}-\\u{e01ef}${UNSEEN}]`, 'u')
/** With a letter or two between, if need be. */
const TAGS = /[\u{e0020}-\u{e007e}](?:[^\u{e0020}-\u{e007e}]{0,2}[\u{e0020}-\u{e007e}])*/gu
const SELECTORS = /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{4,}/gu
const BITS = new RegExp(`[${UNSEEN}]{28,}`, 'g')

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

  /** Two characters, of which either may be the one, as bytes of eight bits or of seven. */
  function putBits(run: RegExpExecArray): void {
    const kinds = new Set(run[0])
    if (kinds.size !== 2) return
    const end = run.index + run[0].length
    for (const one of kinds) {
      for (const width of [8, 7]) {
        for (let start = run.index; start + width <= end; start += width) {
          let byte = 0
          for (let index = start; index < start + width; index += 1) byte = byte * 2 + (text[index] === one ? 1 : 0)
          put(byte, { start, end: start + width })
        }
        hidden.put(BETWEEN, { start: end, end })
      }
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
