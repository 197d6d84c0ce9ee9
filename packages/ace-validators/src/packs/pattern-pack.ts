import type { InjectionPattern } from '@ctxlock/contracts/guards'

/**
 * Patterns beyond the mandatory ones, as data (VAL-038): a profile chooses packs by id. A pack takes nothing from the patterns
 * that poison anyway.
 */
export interface PatternPack {
  readonly id: string
  /** Changes with the content; part of the scanner's version. */
  readonly version: string
  /** How severe a hit is. The packs of this package quarantine: they know phrases that people write as well. */
  readonly action: 'poison' | 'quarantine'
  /** Looked for as they are, in the mandatory view. */
  readonly patterns?: readonly InjectionPattern[]
  /** Words written as one. Looked for as whole words in one case: names in code mix cases. */
  readonly glued?: readonly InjectionPattern[]
  /** ASCII letters and spaces, looked for by their letters alone in whatever disguise the mandatory patterns are looked for. */
  readonly disguised?: readonly InjectionPattern[]
  /** Looked for word by word. */
  readonly phrases?: readonly Phrase[]
}

/** Words in order. A hit begins and ends at a word. */
export interface Phrase {
  readonly id: string
  readonly slots: readonly Slot[]
  /** Of which one has to follow; nothing if left out. Phrases that share them are looked for faster. */
  readonly followedBy?: readonly (readonly Slot[])[]
  /** Over how many sentences they may go; one if left out. */
  readonly sentences?: number
}

export interface Slot {
  /** Words or groups of words in lower case, of which one has to stand here; `*` is any word. */
  readonly oneOf: readonly string[]
  /** How often: once if left out; `[0, 4]` for words that may stand between. */
  readonly times?: readonly [number, number]
}
