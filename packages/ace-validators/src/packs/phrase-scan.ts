import type { Range } from '../scanner/decoding/derived-text.ts'
import type { Phrase, Slot } from './pattern-pack.ts'
import {
  compileSlot,
  createNumbers,
  createVocabulary,
  groupsAt,
  standsAt,
  takes,
  type CompiledSlot,
  type WordNumbers,
} from './phrase-slots.ts'
import type { Words } from './words.ts'

export interface PhraseHit extends Range {
  readonly id: string
  /** In words. */
  readonly offset: number
  readonly length: number
}

/** The phrases that one word of a text begins. */
interface Begun {
  /** Before this place it begins none of them. */
  wakes: number
  readonly phrases: readonly {
    readonly id: string
    readonly sentences: number
    readonly first: CompiledSlot
    readonly rest: Outlook
    readonly endings: readonly { readonly slots: readonly CompiledSlot[]; readonly outlook: Outlook }[]
  }[]
}

/** Words of a phrase at most. */
const LONGEST = 24
const MOST = 64
/** Words that are looked at for a slot when a phrase has begun. */
const HORIZON = 256
/** An empty line ends one as well; a point behind the number of an item does not. */
const SENTENCE_END = /(?<!\n[ \t>#*]{0,8}\d{1,2})[.!?]\s|\n\s*\n/

/**
 * Finds phrases in the words of a text that was folded already, at most 64 of them and one for each first word. The time is
 * linear: from every word only a few more are looked at.
 */
export function createPhraseScanner(phrases: readonly Phrase[]): (words: Words) => PhraseHit[] {
  const vocabulary = createVocabulary()
  const endings = new Map<readonly Slot[], readonly CompiledSlot[]>()
  const compiled = phrases.flatMap(({ id, slots, followedBy = [NOTHING], sentences = 1 }) => {
    const [first, ...rest] = compileSlots(slots)
    return first ? [{ id, sentences, first, rest, endings: followedBy.map(endingOf) }] : []
  })

  function compileSlots(slots: readonly Slot[]): CompiledSlot[] {
    return slots.map((slot) => compileSlot(slot, vocabulary))
  }

  function endingOf(slots: readonly Slot[]): readonly CompiledSlot[] {
    const ending = endings.get(slots) ?? compileSlots(slots)
    endings.set(slots, ending)
    return ending
  }

  /** The phrases that a word begins. Most words begin none. */
  const begunBy = new Map<number, (typeof compiled)[number][]>()
  for (const phrase of compiled)
    for (const word of phrase.first.groups.keys()) begunBy.set(word, [...(begunBy.get(word) ?? []), phrase])
  const firstUnits = new Uint8Array(0x10000)
  for (const [word, number] of vocabulary) if (begunBy.has(number)) firstUnits[word.charCodeAt(0)] = 1

  return (words) => {
    const numberOf = createNumbers(words, vocabulary)
    const outlooks = new Map<readonly CompiledSlot[], Outlook>()
    const begun = new Map<number, Begun>()
    const hits: PhraseHit[] = []
    for (let offset = 0; offset < words.count && hits.length < MOST; offset += 1) {
      // Cheaper than to ask for the word.
      if (firstUnits[words.text.charCodeAt(words.start(offset))] === 0) continue
      const hit = hitAt(offset, begunWith(numberOf(offset) ?? 0))
      if (hit) hits.push(hit)
    }
    return hits

    function begunWith(word: number): Begun {
      const known = begun.get(word)
      if (known) return known
      const opened = {
        wakes: 0,
        phrases: (begunBy.get(word) ?? []).map((phrase) => ({
          ...phrase,
          rest: outlookOn(phrase.rest),
          endings: phrase.endings.map((slots) => ({ slots: [...phrase.rest, ...slots], outlook: outlookOn(slots) })),
        })),
      }
      begun.set(word, opened)
      return opened
    }

    function outlookOn(slots: readonly CompiledSlot[]): Outlook {
      const outlook = outlooks.get(slots) ?? createOutlook(slots, numberOf)
      outlooks.set(slots, outlook)
      return outlook
    }

    function hitAt(offset: number, begun: Begun): PhraseHit | undefined {
      if (offset < begun.wakes) return undefined
      const limit = Math.min(offset + LONGEST, words.count)
      let wakes = Infinity
      for (const { id, sentences, first, rest, endings } of begun.phrases) {
        const isOpen = rest.mayFollow(offset, limit)
        if (!isOpen) wakes = Math.min(wakes, rest.wakes)
        for (const { slots, outlook } of isOpen ? endings : []) {
          const mayEnd = outlook.mayFollow(offset, limit)
          wakes = Math.min(wakes, mayEnd ? offset : outlook.wakes)
          if (!mayEnd || !takes(first, numberOf, offset)) continue
          const end = matchSlots(numberOf, offset, [first, ...slots], limit)
          if (end === undefined || sentencesIn(words, offset, end) > sentences) continue
          return { id, offset, length: end - offset, start: words.start(offset), end: words.end(end - 1) }
        }
      }
      begun.wakes = wakes
      return undefined
    }
  }
}

const NOTHING: readonly Slot[] = []

interface Outlook {
  /** The first word of the text before which the phrase cannot begin. */
  readonly wakes: number
  /** Whether all that must follow the first word of a phrase stands between it and `limit`. */
  mayFollow(offset: number, limit: number): boolean
}

/**
 * Says of the first word of a phrase whether all that must follow stands behind it in this order. Asked from the
 * first word to the last it passes the text once for each slot: matching would go back and forth behind every word. Where a slot
 * finds nothing it looks somewhat further, so that nobody need ask again until that place is near.
 */
function createOutlook(slots: readonly CompiledSlot[], numberOf: WordNumbers): Outlook {
  const required = slots.filter(({ least, any }) => least > 0 && any.length === 0)
  const next = required.map(() => 0)
  const outlook = { wakes: 0, mayFollow }
  return outlook

  function mayFollow(offset: number, limit: number): boolean {
    if (offset < outlook.wakes) return false
    let from = offset + 1
    for (const [number, slot] of required.entries()) {
      let at = Math.max(from, next[number] ?? 0)
      const horizon = Math.max(limit, offset + 1 + HORIZON)
      while (at < horizon && !takes(slot, numberOf, at)) at += 1
      next[number] = at
      if (at >= limit) {
        outlook.wakes = at - LONGEST + 1
        return false
      }
      from = at + 1
    }
    return true
  }
}

function sentencesIn(words: Words, first: number, end: number): number {
  return words.text.slice(words.end(first), words.start(end - 1)).split(SENTENCE_END).length
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
  for (const group of taken < slot.most ? groupsAt(slot, numberOf, at) : []) {
    const end = at + group.length
    if (end > limit || !standsAt(group, numberOf, at)) continue
    const found = matchSlots(numberOf, end, slots, limit, number, taken + 1)
    if (found !== undefined) return found
  }
  return taken >= slot.least ? matchSlots(numberOf, at, slots, limit, number + 1) : undefined
}
