import type { OracleSymbol } from './oracle.ts'
import { kindClass } from './kinds.ts'

/** Counts over the files of one language. */
export interface Counts {
  expected: number
  found: number
  matched: number
  exactEnds: number
}

export interface Difference {
  readonly path: string
  readonly problem: 'missed' | 'invented' | 'wrong end'
  readonly symbol: OracleSymbol
}

/** Matches symbols by name, class of kind and start line, each at most once. */
export function compareSymbols(
  path: string,
  found: readonly OracleSymbol[],
  expected: readonly OracleSymbol[],
  counts: Counts,
): Difference[] {
  const open = new Map<string, OracleSymbol[]>()
  for (const symbol of expected) open.set(keyOf(symbol), [...(open.get(keyOf(symbol)) ?? []), symbol])
  const differences: Difference[] = []
  for (const symbol of found) {
    const candidates = open.get(keyOf(symbol)) ?? []
    const exact = candidates.findIndex(({ endLine }) => endLine === symbol.endLine)
    const [match] = candidates.splice(Math.max(exact, 0), 1)
    if (match === undefined) differences.push({ path, problem: 'invented', symbol })
    else {
      counts.matched += 1
      if (exact === -1) differences.push({ path, problem: 'wrong end', symbol })
      else counts.exactEnds += 1
    }
  }
  counts.expected += expected.length
  counts.found += found.length
  for (const symbol of [...open.values()].flat()) differences.push({ path, problem: 'missed', symbol })
  return differences
}

export interface Scores {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  readonly exact_end: number
}

export function scoresOf({ expected, found, matched, exactEnds }: Counts): Scores {
  const precision = found === 0 ? 1 : matched / found
  const recall = expected === 0 ? 1 : matched / expected
  return {
    precision: rounded(precision),
    recall: rounded(recall),
    f1: rounded(matched === 0 ? Number(expected + found === 0) : (2 * precision * recall) / (precision + recall)),
    exact_end: rounded(matched === 0 ? 1 : exactEnds / matched),
  }
}

function rounded(share: number): number {
  return Math.floor(share * 10_000) / 10_000
}

function keyOf({ name, kind, startLine }: OracleSymbol): string {
  return `${startLine} ${kindClass(kind)} ${name}`
}
