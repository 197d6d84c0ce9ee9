import type { InjectionPattern } from '@ctxlock/contracts/guards'

import { buildAutomaton } from '../scanner/automaton.ts'
import { createLetterScanner } from '../scanner/letters/letter-scan.ts'
import { locate, type Occurrence } from '../scanner/locate.ts'
import type { ViewPatterns } from '../scanner/patterns.ts'
import { collapse, MANDATORY_VIEW, transform } from '../scanner/views.ts'
import type { PatternPack } from './pattern-pack.ts'
import type { Range } from '../scanner/decoding/derived-text.ts'
import { isWhole } from '../scanner/wrapping.ts'
import { createPhraseScanner, type PhraseHit } from './phrase-scan.ts'
import { wordsOf, type Words } from './words.ts'

/** What one pack finds in a text. */
export interface PackFinding {
  /** `V0.<pack>` for what is seen as in the mandatory view, `L.<pack>` and its like for letters alone. */
  readonly viewId: string
  readonly occurrences: readonly Occurrence[]
}

/** Looks for the patterns and phrases of packs, pack by pack, only as far as it is asked for. */
export function createPackScanner(packs: readonly PatternPack[]): (text: string) => Generator<PackFinding, void> {
  const compiled = packs.map(({ id, patterns = [], glued = [], disguised = [], phrases = [] }) => ({
    id,
    literal: literalPatterns([...patterns, ...glued]),
    glued: new Set(glued.map((pattern) => pattern.id)),
    letters: createLetterScanner(disguised),
    phrasesIn: phrases.length > 0 ? createPhraseScanner(phrases) : undefined,
  }))
  return function* (text) {
    if (compiled.length === 0) return
    let words: Words | undefined
    const image = transform(MANDATORY_VIEW, text)
    for (const { id, literal, glued, letters, phrasesIn } of compiled) {
      // To find the places takes much longer than to know that there are none.
      const found = literal?.automaton.contains(image) === true ? locate(text, literal) : []
      const occurrences = [
        ...found.filter((occurrence) => !glued.has(occurrence.pattern.id) || isOneWord(text, occurrence)),
        ...(phrasesIn?.((words ??= wordsOf(lowerCase(text)))) ?? []).map((hit) => occurrenceOf(hit)),
      ]
      if (occurrences.length > 0) yield { viewId: `V0.${id}`, occurrences }
      for (const { viewId, hits } of letters.findings(text)) yield { viewId: `${viewId}.${id}`, occurrences: hits }
    }
  }
}

function literalPatterns(patterns: readonly InjectionPattern[]): ViewPatterns | undefined {
  if (patterns.length === 0) return undefined
  const images = patterns.map(({ id, text }) => ({ id, text: collapse(transform(MANDATORY_VIEW, text)).trim() }))
  return { view: MANDATORY_VIEW, patterns: images, automaton: buildAutomaton(images.map(({ text }) => text)) }
}

function isOneWord(text: string, range: Range): boolean {
  const word = text.slice(range.start, range.end)
  return isWhole(text, range) && (word === word.toLowerCase() || word === word.toUpperCase())
}

function occurrenceOf({ id, ...place }: PhraseHit): Occurrence {
  return { pattern: { id, text: '' }, ...place }
}

/** Some letters have a longer lower case; then only ASCII is folded, so that places stay what they are. */
function lowerCase(text: string): string {
  const lower = text.toLowerCase()
  return lower.length === text.length ? lower : text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
