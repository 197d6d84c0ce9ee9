// How often the right file stands among the first six for questions made from a repository itself, for our lexical index and
// for plain searches over the same texts. Nothing is tuned here: what is measured is what a call gets.
import { parseArgs } from 'node:util'

import { tokenise } from '../../../packages/context-compiler/src/lexical/tokens.ts'
import { bm25Ranker, plainWords } from './retrieval/bm25.ts'
import { commitQuestions } from './retrieval/commits.ts'
import { readCorpus, type Corpus } from './retrieval/corpus.ts'
import { docCommentQuestions } from './retrieval/doc-comments.ts'
import { lexicalRanker } from './retrieval/lexical.ts'
import { readQuestions, type Question, type QuestionKind } from './retrieval/question.ts'
import type { Ranker } from './retrieval/ranker.ts'
import { ripgrepRanker } from './retrieval/ripgrep.ts'

const FIRST = 6

interface Score {
  /** Share of questions with a right file among the first six. */
  readonly in_first_6: number
  /** Mean of 1 / rank of the first right file, over all that was ranked. */
  readonly mrr: number
  readonly ms_per_question: number
}

interface KindResult {
  readonly questions: number
  readonly ctxlock: Score
  readonly bm25: Score
  /** BM25 over our own tokens: identifiers split, endings cut. */
  readonly bm25_split: Score
  readonly ripgrep: Score
}

export interface Result {
  readonly files: number
  readonly index_seconds: number
  readonly kinds: Partial<Record<QuestionKind, KindResult>>
}

/**
 * `--files DIRECTORY`, `--limit N` questions of each kind (200), `--questions FILE` for given ones instead. Documentation
 * comments that became questions are taken out of the texts everyone searches.
 */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({
    args: [...args],
    options: { files: { type: 'string' }, questions: { type: 'string' }, limit: { type: 'string' } },
  })
  if (values.files === undefined) throw new Error('Expected --files DIRECTORY.')
  const limit = Number(values.limit ?? 200)
  if (!Number.isSafeInteger(limit) || limit < 1) throw new Error('Expected --limit to be a whole number from 1 up.')
  const original = readCorpus(values.files)
  if (values.questions !== undefined) return compare(original, readQuestions(values.questions))
  const { corpus, questions } = docCommentQuestions(original, limit)
  return compare(corpus, [...questions, ...commitQuestions(values.files, corpus, limit)])
}

function compare(corpus: Corpus, questions: readonly Question[]): Result {
  const start = performance.now()
  const ctxlock = lexicalRanker(corpus)
  const index_seconds = rounded((performance.now() - start) / 1000)
  const bm25 = bm25Ranker(corpus, plainWords)
  const bm25_split = bm25Ranker(corpus, tokenise)
  const ripgrep = ripgrepRanker(corpus)
  try {
    const kinds: Result['kinds'] = {}
    for (const kind of ['doc_comment', 'commit', 'given'] as const) {
      const asked = questions.filter((question) => question.kind === kind)
      if (asked.length === 0) continue
      kinds[kind] = {
        questions: asked.length,
        ctxlock: scoreOf(ctxlock, asked),
        bm25: scoreOf(bm25, asked),
        bm25_split: scoreOf(bm25_split, asked),
        ripgrep: scoreOf(ripgrep.rank, asked),
      }
    }
    return { files: corpus.size, index_seconds, kinds }
  } finally {
    ripgrep.close()
  }
}

function scoreOf(rank: Ranker, questions: readonly Question[]): Score {
  const start = performance.now()
  const places = questions.map(({ text, files }) => rank(text).findIndex((path) => files.includes(path)))
  const found = places.filter((place) => place !== -1)
  return {
    in_first_6: rounded(found.filter((place) => place < FIRST).length / questions.length),
    mrr: rounded(found.reduce((sum, place) => sum + 1 / (place + 1), 0) / questions.length),
    ms_per_question: rounded((performance.now() - start) / questions.length),
  }
}

function rounded(value: number): number {
  return Number(value.toFixed(3))
}
