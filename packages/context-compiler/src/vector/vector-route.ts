import type { Embedder, SqlDatabase } from '@ctxlock/contracts/ports'
import { canonicalReferenceId, fileSourceId, type SourceRef } from '@ctxlock/contracts/references'
import { canonicalHash } from '@ctxlock/core-hash'

import type { RetrievalRoute, RouteHit } from '../retrieval/route.ts'
import { compareUtf16, roundScore } from '../retrieval/score.ts'
import { cosine } from './quantised.ts'
import { embedText } from './sync-vectors.ts'
import { openVectorStore, type VectorChunk } from './vector-store.ts'

export interface VectorRouteOptions {
  /** Leaves out files. It must depend on the call's scope inputs alone. */
  readonly accepts?: (path: string) => boolean
}

/**
 * The store `shadow_ws_vector`: every vector of the embedder is compared with the question's, no approximation. A hit speaks
 * of the bytes its file had when it was embedded; a file that changed since is drift, which selection finds when it reads:
 * dropped and recorded, or `IndexDrift` in a strict call (ACE-061, VAL-055).
 */
export function vectorRoute(
  database: SqlDatabase,
  embedder: Embedder,
  { accepts = () => true }: VectorRouteOptions = {},
): RetrievalRoute {
  const store = openVectorStore(database, embedder.id)
  return {
    store: 'shadow_ws_vector',
    // Vectors come from the store once they are known, and whole numbers sum up alike everywhere.
    deterministic: true,
    version: `vector@1/${embedder.id}`,
    async search({ originalText, limit, perSource }) {
      const question = await embedText(store, embedder, originalText)
      const ranked: { readonly hit: RouteHit; readonly score: number; readonly id: string; readonly path: string }[] =
        []
      for (const chunk of store.chunks()) {
        if (chunk.vector.length !== question.length || !accepts(chunk.path)) continue
        const score = roundScore(Math.max(0, cosine(question, chunk.vector)))
        const hit = hitOf(chunk, score)
        const id = canonicalReferenceId({ kind: 'source_ref', ref: hit.ref })
        ranked.push({ hit, score, id, path: chunk.path })
      }
      const sorted = ranked.toSorted((left, right) => right.score - left.score || compareUtf16(left.id, right.id))
      const counts = new Map<string, number>()
      const capped = sorted.filter(({ path }) => {
        const count = (counts.get(path) ?? 0) + 1
        counts.set(path, count)
        return count <= perSource
      })
      return { hits: capped.slice(0, limit).map(({ hit }) => hit) }
    },
    corpusHash() {
      const sources = [...store.sources()].toSorted(([left], [right]) => compareUtf16(left, right))
      return canonicalHash([embedder.id, ...sources.map(([path, hash]) => [fileSourceId(path), hash])])
    },
  }
}

function hitOf({ path, start, end, sourceHash, codeUnits }: VectorChunk, score: number): RouteHit {
  const ref: SourceRef = { kind: 'span', id: fileSourceId(path), hash: sourceHash, selector: `lines:${start}-${end}` }
  return { ref, scores: { vector: score }, codeUnits }
}
