import { PackError } from '../pack-error.ts'

/**
 * Characters a reader of a rule file does not see but a model reads: bidirectional controls, zero-width characters, fillers,
 * tags. The joiners U+200C and U+200D and the two variation selectors that style emoji stay: languages need them.
 */
const INVISIBLE = /[[\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]--[\u200C\u200D\uFE0E\uFE0F]]/v

/** Throws `PACK_HIDDEN_TEXT`: whoever approves a rule must see all of it. */
export function assertVisible(text: string, place: string): void {
  const [found] = INVISIBLE.exec(text) ?? []
  if (found === undefined) return
  const codePoint = (found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  throw new PackError(
    'PACK_HIDDEN_TEXT',
    `The rule at ${place} holds the invisible character U+${codePoint}. Remove it; a rule must be readable in full.`,
  )
}
