import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { canonicalReferenceId, fileSourceId, type SourceRef } from '@ctxlock/contracts/references'
import { bytesHash, canonicalHash, textHash } from '@ctxlock/core-hash'

import { CompileError } from '../compile-error.ts'
import { capPerSource } from '../retrieval/cap-per-source.ts'
import type { RetrievalRoute } from '../retrieval/route.ts'
import { compareUtf16 } from '../retrieval/score.ts'
import { cosine } from './quantised.ts'
import { standingOut } from './standing-out.ts'
import { openVectorStore, type StoredVector } from './vector-store.ts'

export interface VectorRouteOptions {
  /** The `id` of the embedder whose vectors are searched. */
  readonly embedderId: string
  /** Leaves out files. It must depend on the call's scope inputs alone. */
  readonly accepts?: (path: string) => boolean
}

/**
 * The store `shadow_ws_vector`: every stored vector is compared with the question's, no approximation, no network. A hit
 * speaks of the bytes its file had when it was embedded; a file that changed since is drift, which selection finds when it
 * reads: dropped and recorded, or `IndexDrift` in a strict call (ACE-061, VAL-055). A question that `syncVectors` was not
 * given throws `InvalidInput`.
 */
export function vectorRoute(
  database: SqlDatabase,
  { embedderId, accepts = () => true }: VectorRouteOptions,
): RetrievalRoute {
  const store = openVectorStore(database, embedderId)
  return {
    store: 'shadow_ws_vector',
    // Everything comes from the store, and whole numbers sum up alike everywhere.
    deterministic: true,
    version: `vector@2/${embedderId}`,
    search({ originalText, limit, perSource }) {
      const question = store.vector(textHash(originalText))
      if (!question) {
        throw new CompileError('InvalidInput', 'The question has no vector; give it to syncVectors as a query first.')
      }
      const windows: Window[] = []
      // One vector at a time: all of them together may be larger than everything else.
      for (const stored of store.vectors()) {
        if (!accepts(stored.path)) continue
        const similarity = cosine(question, stored.vector)
        // A damaged vector is near nothing.
        if (!Number.isFinite(similarity)) continue
        const ref = refOf(stored)
        windows.push({
          path: stored.path,
          ref,
          id: canonicalReferenceId({ kind: 'source_ref', ref }),
          codeUnits: stored.codeUnits,
          similarity,
        })
      }
      const hits = capPerSource(ranked(windows), perSource).slice(0, limit)
      return { hits: hits.map(({ ref, codeUnits, score }) => ({ ref, codeUnits, scores: { vector: score } })) }
    },
    describe: () => [embedderId, store.model()?.revision ?? ''].filter(Boolean).join(' '),
    corpusHash() {
      const files = [...store.files()].toSorted(([left], [right]) => compareUtf16(left, right))
      const model = store.model()
      return canonicalHash([
        model ? [model.revision, bytesHash(new Uint8Array(model.probe))] : null,
        ...files.map(([path, hash]) => [fileSourceId(path), hash]),
      ])
    },
  }
}

interface Window {
  readonly path: string
  readonly ref: SourceRef
  readonly id: string
  readonly codeUnits: number
  readonly similarity: number
}

/** By score, then by id (ACE-037). */
function ranked(windows: readonly Window[]) {
  const scores = standingOut(windows.map(({ similarity }) => similarity))
  return windows
    .map((window, index) => ({ ...window, score: scores[index] ?? 0 }))
    .toSorted((left, right) => right.score - left.score || compareUtf16(left.id, right.id))
}

function refOf({ path, start, end, sourceHash }: StoredVector): SourceRef {
  return { kind: 'span', id: fileSourceId(path), hash: sourceHash, selector: `lines:${start}-${end}` }
}
