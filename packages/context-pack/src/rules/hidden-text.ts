import { PackError } from '../pack-error.ts'

/** Characters a reader of a rule file does not see but a model reads: bidirectional controls, zero-width ones, fillers, tags. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/gu
/** The joiners and the two variation selectors that style emoji: languages and ordinary text need them. */
const NEEDED = new Set(['\u200C', '\u200D', '\uFE0E', '\uFE0F'])

/** Throws `PACK_HIDDEN_TEXT`: whoever approves a rule must see all of it. */
export function assertVisible(text: string, place: string): void {
  const found = text.match(INVISIBLE)?.find((character) => !NEEDED.has(character))
  if (found === undefined) return
  const codePoint = (found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  throw new PackError(
    'PACK_HIDDEN_TEXT',
    `The rule at ${place} holds the invisible character U+${codePoint}. Remove it; a rule must be readable in full.`,
  )
}
