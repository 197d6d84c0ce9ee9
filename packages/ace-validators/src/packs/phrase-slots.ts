import type { Slot } from './pattern-pack.ts'
import type { Words } from './words.ts'

/** The groups of words a slot takes, by their first word. The first slot of a phrase must take some, and not any. */
export interface CompiledSlot {
  readonly groups: ReadonlyMap<number, readonly Group[]>
  /** Those that begin with any word; they are part of all others. */
  readonly any: readonly Group[]
  readonly least: number
  readonly most: number
}

/** Words by their numbers in the vocabulary of a scanner. */
type Group = readonly number[]

/** The number of the word at a place, that of no word of any phrase for others, undefined behind the last. */
export type WordNumbers = (at: number) => number | undefined

export type Vocabulary = Map<string, number>

const UNREAD = 0
/** Any word. */
const ANY = 1
const UNKNOWN = 2
const FIRST = 3

export function createVocabulary(): Vocabulary {
  return new Map([['*', ANY]])
}

/** Numbers the words of the slot that are new. */
export function compileSlot({ oneOf, times: [least, most] = [1, 1] }: Slot, vocabulary: Vocabulary): CompiledSlot {
  const numberOf = (word: string): number => {
    const number = vocabulary.get(word) ?? vocabulary.size + FIRST
    vocabulary.set(word, number)
    return number
  }
  const groups = Map.groupBy(
    oneOf.map((group) => group.split(' ').map(numberOf)),
    ([first = ANY]) => first,
  )
  const any = groups.get(ANY) ?? []
  return { groups: new Map([...groups].map(([word, own]) => [word, [...own, ...any]])), any, least, most }
}

/** Each word of a text is looked up once, when it is first asked for. */
export function createNumbers(words: Words, vocabulary: Vocabulary): WordNumbers {
  const numbers = new Int32Array(words.count)
  return (at) => {
    if (numbers[at] === UNREAD) numbers[at] = vocabulary.get(words.word(at)) ?? UNKNOWN
    return numbers[at]
  }
}

/** The groups of a slot that begin as the text does there. */
export function groupsAt(slot: CompiledSlot, numberOf: WordNumbers, at: number): readonly Group[] {
  const word = numberOf(at)
  return word === undefined ? [] : (slot.groups.get(word) ?? slot.any)
}

/** Of a group whose first word stands there, whether the others do. */
export function standsAt(group: Group, numberOf: WordNumbers, at: number): boolean {
  for (let index = 1; index < group.length; index += 1) {
    if (group[index] !== ANY && group[index] !== numberOf(at + index)) return false
  }
  return true
}

/** Whether one of the groups of a slot stands there. */
export function takes(slot: CompiledSlot, numberOf: WordNumbers, at: number): boolean {
  for (const group of groupsAt(slot, numberOf, at)) if (standsAt(group, numberOf, at)) return true
  return false
}
