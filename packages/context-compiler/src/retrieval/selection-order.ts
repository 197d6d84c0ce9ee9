import { pathOfSourceId } from '@ctxlock/contracts/references'

import type { SourceCandidate } from './candidate.ts'

export interface Turn {
  readonly candidate: SourceCandidate
  /** How many sources, this one included, still want a share of the tokens that are left. */
  readonly sharers: number
}

/**
 * The order in which candidates are considered: first the best one of each file the task names, in the task's order and
 * with an even share of the tokens each (MT-022), then the second best of each, and so on; then everything else by rank.
 */
export function selectionOrder(candidates: readonly SourceCandidate[], scopePaths: readonly string[]): Turn[] {
  const byPath = new Map<string, SourceCandidate[]>([...new Set(scopePaths)].map((path) => [path, []]))
  const others: Turn[] = []
  for (const candidate of candidates) {
    const named = byPath.get(pathOfSourceId(candidate.ref.id) ?? '')
    if (named) named.push(candidate)
    else others.push({ candidate, sharers: 1 })
  }
  const rounds: SourceCandidate[][] = []
  for (const ofFile of byPath.values()) {
    ofFile.forEach((candidate, round) => (rounds[round] ??= []).push(candidate))
  }
  const first = rounds.flatMap((round) =>
    round.map((candidate, place) => ({ candidate, sharers: round.length - place })),
  )
  return [...first, ...others]
}
