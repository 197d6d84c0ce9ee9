import { blocksOf, joinBorders, joinDistant, joinedTogether, type Joined } from './borders.ts'
import type { Range } from './decoding/derived-text.ts'
import { BORDER } from './letters/gaps.ts'
import { acrossBorder, type Finding, type Match, type ScanBlock } from './matches.ts'
import type { View } from './views.ts'

/** Letters and digits on either side of a border that packs and decodings look at: a letter takes up to eight in another spelling. */
const WIDE = 128

export type Relevant = (range: Range) => boolean

type Look = (text: string, relevant: Relevant) => Generator<Finding, void>

/** Ways to look at a text; only the hits that are relevant count. */
export interface Looks {
  views(text: string, relevant: Relevant, action: View['action']): Generator<Finding, void>
  readonly letters: Look
  /** What packs see, and what shows in the texts that a text holds in another spelling. */
  beyondViews(text: string): Generator<Finding, void>
}

/**
 * Patterns that are only there when neighbours are read together: nobody wrote them into one of them, so they quarantine (VAL-043).
 * `window` is the length of the longest pattern.
 */
export function borderMatches(blocks: readonly ScanBlock[], looks: Looks, window: number): Match[] {
  if (blocks.length < 2) return []
  const texts = blocks.map(({ text }) => text)
  const { views, letters } = looks
  const poisonViews: Look = (text, relevant) => views(text, relevant, 'poison')
  const quarantineViews: Look = (text, relevant) => views(text, relevant, 'quarantine')
  const seen = (joins: readonly Joined[], look: Look) =>
    joins.flatMap((joined) => {
      const [first] = look(joined.text, crosses(joined))
      return acrossBorder(joined, first, blocks)
    })
  const near = (separator: string) => joinBorders(texts, window, separator)
  const distant = (separator: string) => [joinDistant(texts, window, separator)]
  const wide = (separator: string) => [
    joinedTogether([...joinBorders(texts, WIDE, separator), joinDistant(texts, WIDE, separator)]),
  ]

  return firstFound([
    () => seen(near(' '), poisonViews),
    () => seen(near(BORDER), letters),
    () => seen(near(' '), quarantineViews),
    () => seen(distant(' '), poisonViews),
    () => seen(distant(BORDER), letters),
    () => seen(wide(' '), beyond),
    () => seen(wide(''), glued),
  ])

  /** Markup and encodings may be cut anywhere. */
  function* glued(text: string, relevant: Relevant): Generator<Finding, void> {
    yield* letters(text, relevant)
    yield* beyond(text, relevant)
  }

  function* beyond(text: string, relevant: Relevant): Generator<Finding, void> {
    for (const finding of looks.beyondViews(text)) {
      const occurrences = finding.occurrences.filter(relevant)
      if (occurrences.length > 0) yield { ...finding, occurrences }
    }
  }
}

function crosses(joined: Joined): Relevant {
  return ({ start, end }) => blocksOf(joined, start, end).length > 1
}

function firstFound(looks: readonly (() => Match[])[]): Match[] {
  for (const look of looks) {
    const found = look()
    if (found.length > 0) return found
  }
  return []
}
