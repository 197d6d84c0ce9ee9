import { caseFolding } from '../../unicode/case-folding.ts'
import { hasConfusable, skeleton } from '../../unicode/skeleton.ts'
import { LOOK_ALIKES } from './look-alikes.ts'

const INVISIBLE = /^[[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Cs}\p{M}\ufffd]--\p{White_Space}]$/v
const MARKS = /[\p{M}\p{Default_Ignorable_Code_Point}\u02bc']/gu
/** What case folding makes an ASCII letter of. */
const LETTER = /[a-z\u00df]/iu
/** Letters a character may stand for: ligatures have up to three. */
const LETTERS = /^[a-z]{1,3}$/

/** Nothing from here on is read as a letter: ideographs, tags, variation selectors. */
const PLANE_2 = 0x20000
let known: (string | undefined)[] | undefined

/** `lettersOf` a code point, remembered: working it out takes as long as scanning thousands of characters. */
export function lettersAt(codePoint: number): string {
  if (codePoint >= PLANE_2) return ''
  // An array with holes would be a hash table.
  known ??= Array.from({ length: PLANE_2 })
  return (known[codePoint] ??= lettersOf(String.fromCodePoint(codePoint)))
}

/**
 * What a reader takes a character for: ASCII letters as they are compared, or nothing. Look-alikes go by our own table, then
 * by compatibility decomposition, then by the skeleton of UTS #39, then as its small letter.
 */
export function lettersOf(character: string): string {
  if (/^[\0-\x7f]$/.test(character)) return /[a-z]/i.test(character) ? plainLetters(character.toLowerCase()) : ''
  const lookAlike = LOOK_ALIKES.get(character)
  if (lookAlike !== undefined) return plainLetters(lookAlike)
  if (INVISIBLE.test(character)) return ''
  if (isNoLetter(character)) return ''
  for (const image of imagesOf(character)) {
    const letters = caseFolding.fold(image).normalize('NFKD').replace(MARKS, '')
    // The skeleton writes `m` as `rn`.
    if (LETTERS.test(letters)) return plainLetters(letters === 'rn' ? 'm' : letters)
  }
  return ''
}

/** Answers for most characters, twenty times as fast as the images do. */
function isNoLetter(character: string): boolean {
  const folded = caseFolding.fold(character)
  const parts = [character, folded].flatMap((text) => [text, text.normalize('NFD'), text.normalize('NFKD')]).join('')
  return !LETTER.test(parts) && !LOOK_ALIKES.has(folded) && !hasConfusable(parts)
}

function* imagesOf(character: string): Generator<string, void> {
  const compatible = character.normalize('NFKD')
  yield compatible
  yield skeleton(compatible)
  yield skeleton(character)
  const folded = caseFolding.fold(character)
  yield skeleton(folded)
  yield LOOK_ALIKES.get(folded) ?? ''
}

/** Letters as they are compared: `i` and `l` look alike. */
export function plainLetters(text: string): string {
  return text.replaceAll('l', 'i')
}
