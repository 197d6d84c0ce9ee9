/** What drives a terminal, reorders what stands on it or is not seen at all. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/gu
/** The joiners and selectors of ordinary text and emoji, and what lines are made of. */
const NEEDED = new Set(['\t', '\n', '\u200C', '\u200D', '\uFE0E', '\uFE0F'])
const DELETE = 0x7f

/**
 * A text of a source, a model, a server or a config as a terminal may show it: an attacker writes such texts, and whoever reads them
 * decides by them. Control characters are their Unicode pictures, the others their number: `<U+202E>`.
 */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, (character) => {
    if (NEEDED.has(character)) return character
    const code = character.codePointAt(0) ?? 0
    if (code < 0x20) return String.fromCharCode(0x2400 + code)
    return code === DELETE ? '\u2421' : `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
  })
}
