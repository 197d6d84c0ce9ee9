import type { Range } from '../scanner/decoding/derived-text.ts'
import type { Phrase, Slot } from './pattern-pack.ts'

export interface PhraseHit extends Range {
  readonly id: string
  /** In words. */
  readonly offset: number
  readonly length: number
}

interface Word extends Range {
  readonly text: string
  /** The number of its sentence. */
  readonly sentence: number
}

/** The groups of words a slot takes, by their first word. The first slot of a phrase must take some, and not any. */
interface CompiledSlot {
  readonly groups: ReadonlyMap<string, readonly (readonly string[])[]>
  readonly least: number
  readonly most: number
}

/** Words of a phrase at most. */
const LONGEST = 24
const MOST = 64
/** Any word. */
const ANY = '*'
/** An empty line ends one as well. */
const SENTENCE_END = /[.!?]\s|\n\s*\n/
const WORD = /[\p{L}\p{N}]+(?:['’]\p{L}+)?/gu

/**
 * Finds phrases in a text that was folded already, at most 64 of them and one for each first word. The time is linear: from
 * every word only a few more are looked at.
 */
export function createPhraseScanner(phrases: readonly Phrase[]): (text: string) => PhraseHit[] {
  const compiled = phrases.map(({ id, slots }) => ({ id, slots: slots.map(compileSlot) }))
  /** Most words begin no phrase. */
  const beginning = new Map(
    compiled.flatMap(({ slots: [first] }) =>
      [...(first?.groups.keys() ?? [])].map((word) => [
        word,
        compiled.filter(({ slots }) => slots[0]?.groups.has(word)),
      ]),
    ),
  )
  return (text) => {
    const words = wordsOf(text)
    const hits: PhraseHit[] = []
    for (let offset = 0; offset < words.length && hits.length < MOST; offset += 1) {
      for (const { id, slots } of beginning.get(words[offset]?.text ?? '') ?? []) {
        const end = matchSlots(words, offset, slots, offset + LONGEST)
        const [first, last] = [words[offset], end === undefined ? undefined : words[end - 1]]
        if (end === undefined || first === undefined || first.sentence !== last?.sentence) continue
        hits.push({ id, offset, length: end - offset, start: first.start, end: last.end })
        break
      }
    }
    return hits
  }
}

function wordsOf(text: string): Word[] {
  let sentence = 0
  let last = 0
  return Array.from(text.matchAll(WORD), ({ index, 0: word }) => {
    if (SENTENCE_END.test(text.slice(last, index))) sentence += 1
    last = index + word.length
    return { text: word.replace('’', "'"), start: index, end: last, sentence }
  })
}

function compileSlot({ oneOf, times: [least, most] = [1, 1] }: Slot): CompiledSlot {
  const groups = Map.groupBy(
    oneOf.map((group) => group.split(' ')),
    ([first = '']) => first,
  )
  return { groups, least, most }
}

function groupsAt({ groups }: CompiledSlot, word: Word | undefined): readonly (readonly string[])[] {
  if (word === undefined) return []
  const [named = [], any = []] = [groups.get(word.text), groups.get(ANY)]
  return any.length === 0 ? named : [...named, ...any]
}

/** Where the words that the slots take end, trying to take as many as may stand; undefined when they do not fit. */
function matchSlots(
  words: readonly Word[],
  at: number,
  [slot, ...rest]: readonly CompiledSlot[],
  limit: number,
): number | undefined {
  if (slot === undefined) return at
  for (const group of slot.most > 0 ? groupsAt(slot, words[at]) : []) {
    const end = at + group.length
    if (end > limit || !group.every((text, index) => text === ANY || words[at + index]?.text === text)) continue
    const again: CompiledSlot = { ...slot, least: Math.max(0, slot.least - 1), most: slot.most - 1 }
    const found = matchSlots(words, end, [again, ...rest], limit)
    if (found !== undefined) return found
  }
  return slot.least === 0 ? matchSlots(words, at, rest, limit) : undefined
}
