import type { Corpus } from './corpus.ts'
import { byScore, type Ranker } from './ranker.ts'

const K1 = 1.2
const B = 0.75

/** BM25 (Robertson and others, k1 1.2, b 0.75) over whole files: one document each, the path included. */
export function bm25Ranker(corpus: Corpus, tokensOf: (text: string) => readonly string[]): Ranker {
  const paths = [...corpus.keys()]
  const postings = new Map<string, { readonly file: number; readonly count: number }[]>()
  const lengths: number[] = []
  for (const [file, path] of paths.entries()) {
    const tokens = tokensOf(`${path}\n${corpus.get(path) ?? ''}`)
    lengths.push(tokens.length)
    for (const [token, count] of countsOf(tokens)) {
      const list = postings.get(token)
      if (list) list.push({ file, count })
      else postings.set(token, [{ file, count }])
    }
  }
  const average = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length)
  return (question) => {
    const scores = new Map<string, number>()
    for (const token of new Set(tokensOf(question))) {
      const list = postings.get(token) ?? []
      const rarity = Math.log(1 + (paths.length - list.length + 0.5) / (list.length + 0.5))
      for (const { file, count } of list) {
        const norm = K1 * (1 - B + (B * (lengths[file] ?? 0)) / average)
        const path = paths[file] ?? ''
        scores.set(path, (scores.get(path) ?? 0) + (rarity * count * (K1 + 1)) / (count + norm))
      }
    }
    return byScore(scores)
  }
}

/** Lower-case words; identifiers stay whole. */
export function plainWords(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []
}

function countsOf(tokens: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1)
  return counts
}
