import { characterClass, replaceMembers } from './character-class.ts'
import { mapCodePoints, parseCodePointMap, type CodePointMap } from './code-point-map.ts'
import { CONFUSABLES } from './confusables-data.ts'
import { normalize } from './normalization.ts'

let table: CodePointMap | undefined

const DEFAULT_IGNORABLE = characterClass(/\p{Default_Ignorable_Code_Point}+/gu)

/** The skeleton of UTS #39: texts that look alike have equal skeletons, as far as the confusables data goes (VAL-062). */
export function skeleton(text: string): string {
  const decomposed = replaceMembers(normalize(text, 'NFD'), DEFAULT_IGNORABLE, 'nothing')
  return normalize(mapCodePoints(decomposed, confusables()), 'NFD')
}

/** Whether the table says of a character of the text what it looks like. */
export function hasConfusable(text: string): boolean {
  return mapCodePoints(text, confusables()) !== text
}

function confusables(): CodePointMap {
  return (table ??= parseCodePointMap(CONFUSABLES.data))
}
