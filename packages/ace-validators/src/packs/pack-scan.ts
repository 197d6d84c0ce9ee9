import type { InjectionPattern } from '@ctxlock/contracts/guards'

import { buildAutomaton } from '../scanner/automaton.ts'
import { locate, type Occurrence } from '../scanner/locate.ts'
import type { ViewPatterns } from '../scanner/patterns.ts'
import { collapse, transform, VIEWS } from '../scanner/views.ts'
import type { PatternPack } from './pattern-pack.ts'
import { createPhraseScanner, type PhraseHit } from './phrase-scan.ts'

/** What one pack finds in a text, seen as in the mandatory view. */
export interface PackFinding {
  readonly packId: string
  readonly occurrences: readonly Occurrence[]
}

/** Looks for the patterns and phrases of packs, pack by pack, only as far as it is asked for. */
export function createPackScanner(packs: readonly PatternPack[]): (text: string) => Generator<PackFinding, void> {
  const compiled = packs.map((pack) => ({
    id: pack.id,
    literal: literalPatterns(pack.patterns ?? []),
    phrases: createPhraseScanner(pack.phrases ?? []),
  }))
  return function* (text) {
    if (compiled.length === 0) return
    const lower = lowerCase(text)
    for (const { id, literal, phrases } of compiled) {
      const occurrences = [
        ...(literal === undefined ? [] : locate(text, literal)),
        ...phrases(lower).map((hit) => occurrenceOf(hit)),
      ]
      if (occurrences.length > 0) yield { packId: id, occurrences }
    }
  }
}

function literalPatterns(patterns: readonly InjectionPattern[]): ViewPatterns | undefined {
  const view = VIEWS.find(({ id }) => id === 'V0')
  if (view === undefined || patterns.length === 0) return undefined
  const images = patterns.map(({ id, text }) => ({ id, text: collapse(transform(view, text)).trim() }))
  return { view, patterns: images, automaton: buildAutomaton(images.map(({ text }) => text)) }
}

function occurrenceOf({ id, ...place }: PhraseHit): Occurrence {
  return { pattern: { id, text: '' }, ...place }
}

/** Some letters have a longer lower case; then only ASCII is folded, so that places stay what they are. */
function lowerCase(text: string): string {
  const lower = text.toLowerCase()
  return lower.length === text.length ? lower : text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
