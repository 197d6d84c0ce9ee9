import type { SqlDatabase } from '@ctxlock/contracts/ports'

import type { RetrievalRoute } from '../retrieval/route.ts'
import { INDEX_FORMAT } from './index-schema.ts'
import { indexCorpusHash, searchIndex } from './search-index.ts'

export interface LexicalRouteOptions {
  /** Leaves out files. It must depend on the call's scope inputs alone: they are what a cached answer is known by. */
  readonly accepts?: (path: string) => boolean
}

/** The store `shadow_ws_lexical`: full-text search over the words of workspace files. */
export function lexicalRoute(database: SqlDatabase, options: LexicalRouteOptions = {}): RetrievalRoute {
  return {
    store: 'shadow_ws_lexical',
    deterministic: true,
    version: INDEX_FORMAT,
    search({ originalText, limit, perSource }) {
      const hits = searchIndex(database, { ...options, text: originalText, limit, perSource })
      return { hits: hits.map(({ ref, score, codeUnits }) => ({ ref, scores: { lexical: score }, codeUnits })) }
    },
    corpusHash: () => indexCorpusHash(database),
  }
}
