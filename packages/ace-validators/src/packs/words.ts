import { characterClass, memberSize, type CharacterClass } from '../unicode/character-class.ts'
import { codeUnits } from '../unicode/code-units.ts'

/** The words of a text: letters and digits, with an apostrophe before the last letters of some. Only their places are kept. */
export interface Words {
  readonly text: string
  readonly count: number
  /** UTF-16 units, as `end`. */
  start(number: number): number
  end(number: number): number
  /** With a straight apostrophe. */
  word(number: number): string
}

const LETTERS = characterClass(/\p{L}+/gu)
const LETTERS_AND_DIGITS = characterClass(/[\p{L}\p{N}]+/gu)
const APOSTROPHES: readonly (number | undefined)[] = [0x27, 0x2019]

/** Linear: one pass over the units, which takes a quarter of the time of an expression. */
export function wordsOf(text: string): Words {
  const units = codeUnits(text)
  // There are no more words than units. Pushing to an array takes twice as long.
  const starts = new Uint32Array(units.length)
  const ends = new Uint32Array(units.length)
  let count = 0
  for (let index = 0; index < units.length; index += 1) {
    const end = endOfWord(units, index)
    if (end === index) continue
    starts[count] = index
    ends[count] = end
    count += 1
    index = end - 1
  }
  const straight = text.replaceAll('\u2019', "'")
  return {
    text,
    count,
    start: (number) => starts[number] ?? text.length,
    end: (number) => ends[number] ?? text.length,
    word: (number) => straight.slice(starts[number], ends[number]),
  }
}

/** `start` itself if no word begins there. */
function endOfWord(units: Uint16Array, start: number): number {
  const end = endOfRun(LETTERS_AND_DIGITS, units, start)
  if (end === start || !APOSTROPHES.includes(units[end])) return end
  const last = endOfRun(LETTERS, units, end + 1)
  return last === end + 1 ? end : last
}

function endOfRun(members: CharacterClass, units: Uint16Array, start: number): number {
  const basicPlane = members.membersOf(0)
  let end = start
  for (let size = 1; size > 0; end += size) size = memberSize(members, units, end, basicPlane)
  return end
}
