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
}

/** The groups of words a slot takes, by their first word. */
interface CompiledSlot {
  readonly groups: ReadonlyMap<string, readonly (readonly string[])[]>
  readonly least: number
  readonly most: number
}

/** Words of a phrase at most. */
const LONGEST = 24
const MOST = 64
const WORD = /[\p{L}\p{N}]+(?:['’]\p{L}+)?/gu

/**
 * Finds phrases in a text that was folded already, at most 64 of them and one for each first word. The time is linear: from
 * every word only a few more are looked at.
 */
export function createPhraseScanner(phrases: readonly Phrase[]): (text: string) => PhraseHit[] {
  const compiled = phrases.map(({ id, slots }) => ({ id, slots: slots.map(compileSlot) }))
  return (text) => {
    const words = wordsOf(text)
    const hits: PhraseHit[] = []
    for (let offset = 0; offset < words.length && hits.length < MOST; offset += 1) {
      for (const { id, slots } of compiled) {
        const end = matchSlots(words, offset, slots, offset + LONGEST)
        const [first, last] = [words[offset], end === undefined ? undefined : words[end - 1]]
        if (end === undefined || first === undefined || last === undefined) continue
        hits.push({ id, offset, length: end - offset, start: first.start, end: last.end })
        break
      }
    }
    return hits
  }
}

function wordsOf(text: string): Word[] {
  return Array.from(text.matchAll(WORD), (match) => ({
    text: match[0].replace('’', "'"),
    start: match.index,
    end: match.index + match[0].length,
  }))
}

function compileSlot({ oneOf, times: [least, most] = [1, 1] }: Slot): CompiledSlot {
  const groups = Map.groupBy(
    oneOf.map((group) => group.split(' ')),
    ([first = '']) => first,
  )
  return { groups, least, most }
}

/** Where the words that the slots take end, trying to take as many as may stand; undefined when they do not fit. */
function matchSlots(
  words: readonly Word[],
  at: number,
  [slot, ...rest]: readonly CompiledSlot[],
  limit: number,
): number | undefined {
  if (slot === undefined) return at
  for (const group of (slot.most > 0 && slot.groups.get(words[at]?.text ?? '')) || []) {
    const end = at + group.length
    if (end > limit || !group.every((text, index) => words[at + index]?.text === text)) continue
    const again: CompiledSlot = { ...slot, least: Math.max(0, slot.least - 1), most: slot.most - 1 }
    const found = matchSlots(words, end, [again, ...rest], limit)
    if (found !== undefined) return found
  }
  return slot.least === 0 ? matchSlots(words, at, rest, limit) : undefined
}
