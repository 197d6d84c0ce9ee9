import type { InjectionPattern } from '@ctxlock/contracts/guards'

import { BUILT_IN_PATTERNS } from '../scanner/patterns.ts'
import type { PatternPack } from './pattern-pack.ts'

/** The mandatory patterns with one letter missing, twice, or changed with its neighbour, or without their space. */
export const MISSPELLINGS: PatternPack = {
  id: 'misspellings',
  version: '2',
  action: 'quarantine',
  glued: BUILT_IN_PATTERNS.map(({ id, text }) => ({ id: `${id}-GLUED`, text: text.replace(' ', '') })),
  patterns: BUILT_IN_PATTERNS.flatMap(({ id, text }) =>
    variants(text).map((variant, index) => ({ id: `${id}-TYPO-${index + 1}`, text: variant })),
  ),
}

function variants(text: string): InjectionPattern['text'][] {
  const found = new Set<string>()
  // The first and the last letter stay: people notice these, and half words would hit in the middle of others.
  for (let at = 1; at < text.length - 1; at += 1) {
    const [before, letter, after] = [text.slice(0, at), text.charAt(at), text.slice(at + 1)]
    if (letter === ' ' || text.charAt(at - 1) === ' ' || text.charAt(at + 1) === ' ') continue
    found.add(before + after)
    found.add(before + letter + letter + after)
    if (after.length > 1 && after.charAt(1) !== ' ') found.add(before + after.charAt(0) + letter + after.slice(1))
  }
  found.delete(text)
  return [...found]
}
