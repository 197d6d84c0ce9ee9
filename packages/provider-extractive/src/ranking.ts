import type { EvidenceBlock } from '@ctxlock/contracts/evidence'

import { LONGEST_LINE, MOST_LINES, type Passage, passagesOf } from './passages.ts'
import { queryTerms, termsOf, wordsOf } from './terms.ts'

export interface Span {
  readonly path: string
  readonly startLine: number
  readonly endLine: number
  /** The lines as they stand in the block; part of the line when it is very long. */
  readonly text: string
}

const MOST_SPANS = 3
/** A span this much weaker than the best is noise. */
const WEAKEST = 0.5
const SATURATION = 1.2
// Below the usual 0.75: a whole paragraph says more than the fragment that holds the word.
const LENGTH_WEIGHT = 0.4
const PATH_WEIGHT = 0.25

/** A passage with what it holds of the question; `counts` is absent when it holds nothing. */
interface Counted extends Passage {
  readonly words: number
  readonly counts: ReadonlyMap<number, number> | undefined
}

interface Candidate extends Passage {
  readonly score: number
}

/** Places of the question's terms: which of them a word stands for, remembered per word. */
type TermFinder = (word: string) => readonly number[]

/**
 * The spans of the evidence that match the question best, best first (BM25 over neighbouring passages). Deterministic:
 * equal scores keep the order of the blocks. Work grows linearly with the evidence.
 */
export function bestSpans(question: string, blocks: readonly EvidenceBlock[]): Span[] {
  const terms = queryTerms(question)
  const find = termFinder(terms)
  const passages = passagesOf(blocks).map((passage) => count(passage, find))
  const candidates = rate(passages, terms.length, find)
  return select(candidates).map((candidate) => spanOf(candidate, find))
}

function termFinder(terms: readonly string[]): TermFinder {
  const places = new Map(terms.map((term, place) => [term, place]))
  const known = new Map<string, readonly number[]>()
  const nothing: readonly number[] = []
  return (word) => {
    const before = known.get(word)
    if (before) return before
    const found = termsOf(word).flatMap((term) => places.get(term) ?? [])
    const result = found.length === 0 ? nothing : found
    known.set(word, result)
    return result
  }
}

function count(passage: Passage, find: TermFinder): Counted {
  const counts = new Map<number, number>()
  let words = 0
  for (let index = passage.first; index <= passage.last; index += 1) {
    for (const word of wordsOf(passage.source.lines[index] ?? '')) {
      words += 1
      for (const place of find(word)) counts.set(place, (counts.get(place) ?? 0) + 1)
    }
  }
  return { ...passage, words, counts: counts.size === 0 ? undefined : counts }
}

/** The best window that starts at each passage and ends where the question is still met. */
function rate(passages: readonly Counted[], termCount: number, find: TermFinder): Candidate[] {
  const weights = termWeights(passages, termCount)
  const averageWords = passages.reduce((sum, { words }) => sum + words, 0) / Math.max(1, passages.length)
  const candidates: Candidate[] = []
  for (const [at, start] of passages.entries()) {
    if (!start.counts) continue
    const bonus = pathBonus(start.source.path, weights, find)
    const merged = new Map<number, number>()
    let words = 0
    let best: Candidate | undefined
    for (let next = at; next < passages.length; next += 1) {
      const passage = passages[next]
      if (!passage || !mayMerge(start, passage)) break
      words += passage.words
      if (!passage.counts) continue
      for (const [place, found] of passage.counts) merged.set(place, (merged.get(place) ?? 0) + found)
      const score = bonus + relevance(merged, weights, words / averageWords)
      if (!best || score > best.score) best = { source: start.source, first: start.first, last: passage.last, score }
    }
    if (best) candidates.push(best)
  }
  return candidates
}

function mayMerge(start: Passage, passage: Passage): boolean {
  if (passage === start) return true
  if (passage.source !== start.source || passage.last - start.first >= MOST_LINES) return false
  const { lines } = start.source
  return (lines[start.last]?.length ?? 0) <= LONGEST_LINE && (lines[passage.first]?.length ?? 0) <= LONGEST_LINE
}

/** Rare terms weigh more. */
function termWeights(passages: readonly Counted[], termCount: number): readonly number[] {
  const holders = Array.from({ length: termCount }, () => 0)
  for (const { counts } of passages) {
    for (const place of counts?.keys() ?? []) holders[place] = (holders[place] ?? 0) + 1
  }
  return holders.map((held) => Math.log(1 + (passages.length - held + 0.5) / (held + 0.5)))
}

function relevance(counts: ReadonlyMap<number, number>, weights: readonly number[], length: number): number {
  let sum = 0
  const damping = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * length)
  for (const [place, found] of counts) {
    sum += ((weights[place] ?? 0) * found * (SATURATION + 1)) / (found + damping)
  }
  return sum
}

function pathBonus(path: string, weights: readonly number[], find: TermFinder): number {
  const places = new Set(wordsOf(path).flatMap(find))
  return [...places].reduce((sum, place) => sum + PATH_WEIGHT * (weights[place] ?? 0), 0)
}

function select(candidates: readonly Candidate[]): Candidate[] {
  const selected: Candidate[] = []
  for (let round = 0; round < MOST_SPANS; round += 1) {
    let best: Candidate | undefined
    for (const candidate of candidates) {
      if (best && candidate.score <= best.score) continue
      if (!selected.some((taken) => overlap(taken, candidate))) best = candidate
    }
    if (!best || best.score < WEAKEST * (selected[0]?.score ?? 0)) break
    selected.push(best)
  }
  return selected
}

/** The same lines may come in two blocks. */
function overlap(one: Passage, other: Passage): boolean {
  if (one.source.path !== other.source.path) return false
  const offset = one.source.startLine - other.source.startLine
  return one.first + offset <= other.last && other.first <= one.last + offset
}

function spanOf({ source, first, last }: Passage, find: TermFinder): Span {
  const { path, startLine, lines } = source
  const text = lines.slice(first, last + 1).join('\n')
  const isLong = first === last && text.length > LONGEST_LINE
  return { path, startLine: startLine + first, endLine: startLine + last, text: isLong ? aroundHit(text, find) : text }
}

/** The part of a very long line around its first matching word, cut between characters. */
function aroundHit(line: string, find: TermFinder): string {
  const word = wordsOf(line).find((one) => find(one).length > 0) ?? ''
  let start = Math.max(0, line.indexOf(word) - LONGEST_LINE / 2)
  let end = Math.min(line.length, start + LONGEST_LINE)
  if (isLowSurrogate(line, start)) start += 1
  if (isLowSurrogate(line, end)) end -= 1
  return line.slice(start, end)
}

function isLowSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index)
  return unit >= 0xdc00 && unit <= 0xdfff
}
