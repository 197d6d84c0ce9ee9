import { DatabaseSync } from 'node:sqlite'

import { searchIndex, syncIndex } from '../../../../packages/context-compiler/src/index.ts'
import { textHash } from '../../../../packages/core-hash/src/index.ts'
import type { Corpus } from './corpus.ts'
import type { Ranker } from './ranker.ts'

const RANKED = 60

/** Our lexical index, in memory; what it finds is ranked as a call would get it, one hit a file. */
export function lexicalRanker(corpus: Corpus): Ranker {
  const database = new DatabaseSync(':memory:')
  syncIndex(database, { files: [...corpus].map(([path, text]) => ({ path, text, hash: textHash(text) })) })
  return (text) => searchIndex(database, { text, limit: RANKED, perSource: 1 }).map(({ path }) => path)
}
