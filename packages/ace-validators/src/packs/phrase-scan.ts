import type { Range } from '../scanner/decoding/derived-text.ts'
import type { Phrase, Slot } from './pattern-pack.ts'
import type { Words } from './words.ts'

export interface PhraseHit extends Range {
  readonly id: string
  /** In words. */
  readonly offset: number
  readonly length: number
}

/** The groups of words a slot takes, by their first word. The first slot of a phrase must take some, and not any. */
interface CompiledSlot {
  readonly groups: ReadonlyMap<number, readonly Group[]>
  /** Those that begin with any word; they are part of all others. */
  readonly any: readonly Group[]
  readonly least: number
  readonly most: number
}

/** Words by their numbers in the vocabulary of a scanner. */
type Group = readonly number[]

/** Words of a phrase at most. */
const LONGEST = 24
const MOST = 64
/** Any word. */
const ANY = 0
/** A word of no phrase. */
const UNKNOWN = 1
const UNREAD = 0
/** An empty line ends one as well. */
const SENTENCE_END = /[.!?]\s|\n\s*\n/

/**
 * Finds phrases in the words of a text that was folded already, at most 64 of them and one for each first word. The time is
 * linear: from every word only a few more are looked at.
 */
export function createPhraseScanner(phrases: readonly Phrase[]): (words: Words) => PhraseHit[] {
  const vocabulary = new Map([['*', ANY]])
  const compiled = phrases.map(({ id, slots }) => ({ id, slots: slots.map((slot) => compileSlot(slot, vocabulary)) }))
  /** Most words begin no phrase. */
  const beginning = Map.groupBy(
    compiled.flatMap((phrase) => [...(phrase.slots[0]?.groups.keys() ?? [])].map((word) => ({ word, phrase }))),
    ({ word }) => word,
  )
  const firstUnits = new Uint8Array(0x10000)
  for (const [word, number] of vocabulary) if (beginning.has(number)) firstUnits[word.charCodeAt(0)] = 1

  return (words) => {
    const numberOf = createNumbers(words, vocabulary)
    const mayFollow = new Map(compiled.map((phrase) => [phrase, createOutlook(phrase.slots, numberOf)]))
    const hits: PhraseHit[] = []
    for (let offset = 0; offset < words.count && hits.length < MOST; offset += 1) {
      // Cheaper than to ask for the word.
      if (firstUnits[words.text.charCodeAt(words.start(offset))] === 0) continue
      for (const { phrase } of beginning.get(numberOf(offset) ?? UNKNOWN) ?? []) {
        const limit = Math.min(offset + LONGEST, words.count)
        if (mayFollow.get(phrase)?.(offset, limit) === false) continue
        const end = matchSlots(numberOf, offset, phrase.slots, limit)
        if (end === undefined || !isOneSentence(words, offset, end)) continue
        hits.push({
          id: phrase.id,
          offset,
          length: end - offset,
          start: words.start(offset),
          end: words.end(end - 1),
        })
        break
      }
    }
    return hits
  }
}

/** The number of the word at a place, `UNKNOWN` for other words, undefined behind the last. */
type WordNumbers = (at: number) => number | undefined

function createNumbers(words: Words, vocabulary: ReadonlyMap<string, number>): WordNumbers {
  const numbers = new Int32Array(words.count)
  return (at) => {
    if (numbers[at] === UNREAD) numbers[at] = vocabulary.get(words.word(at)) ?? UNKNOWN
    return numbers[at]
  }
}

/**
 * Says of a word that begins a phrase whether all that must follow stands behind it in this order. Asked from the first word to
 * the last it passes the text once for each slot: matching would go back and forth behind every word.
 */
function createOutlook(
  slots: readonly CompiledSlot[],
  numberOf: WordNumbers,
): (offset: number, limit: number) => boolean {
  const required = slots.slice(1).filter(({ least, any }) => least > 0 && any.length === 0)
  const next = required.map(() => 0)
  return (offset, limit) => {
    let from = offset + 1
    for (const [number, { groups }] of required.entries()) {
      const begins = (at: number) => groups.get(numberOf(at) ?? UNKNOWN)?.some((group) => standsAt(group, numberOf, at))
      let at = Math.max(from, next[number] ?? 0)
      while (at < limit && begins(at) !== true) at += 1
      next[number] = at
      if (at >= limit) return false
      from = at + 1
    }
    return true
  }
}

function compileSlot({ oneOf, times: [least, most] = [1, 1] }: Slot, vocabulary: Map<string, number>): CompiledSlot {
  const numberOf = (word: string): number => {
    const number = vocabulary.get(word) ?? vocabulary.size + 1
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

/** Between two words of one sentence nothing ends it. */
function isOneSentence(words: Words, first: number, end: number): boolean {
  return !SENTENCE_END.test(words.text.slice(words.end(first), words.start(end - 1)))
}

/**
 * Where the words that the slots from `number` on take end, trying to take as many as may stand; undefined when they do not fit.
 * Of the slot of that number `taken` groups stand before `at`.
 */
function matchSlots(
  numberOf: WordNumbers,
  at: number,
  slots: readonly CompiledSlot[],
  limit: number,
  number = 0,
  taken = 0,
): number | undefined {
  const slot = slots[number]
  if (slot === undefined) return at
  const word = taken < slot.most ? numberOf(at) : undefined
  if (word !== undefined) {
    for (const group of slot.groups.get(word) ?? slot.any) {
      const end = at + group.length
      if (end > limit || (group.length > 1 && !standsAt(group, numberOf, at))) continue
      const found = matchSlots(numberOf, end, slots, limit, number, taken + 1)
      if (found !== undefined) return found
    }
  }
  return taken >= slot.least ? matchSlots(numberOf, at, slots, limit, number + 1) : undefined
}

function standsAt(group: Group, numberOf: WordNumbers, at: number): boolean {
  return group.every((word, index) => word === ANY || word === numberOf(at + index))
}
