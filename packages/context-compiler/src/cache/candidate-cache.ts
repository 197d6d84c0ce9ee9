import type { Hash } from '@ctxlock/contracts/primitives'
import { canonicalHash } from '@ctxlock/core-hash'

import type { RouteHit } from '../retrieval/route.ts'

/** Hits of earlier searches, by cache-key hash. Values are verified on every read (ACE-060). */
export interface CandidateCache {
  get(key: Hash): { readonly hits: readonly RouteHit[]; readonly payloadHash: Hash } | undefined
  put(key: Hash, hits: readonly RouteHit[]): Hash
}

/** A cache for the life of one process; the oldest entry goes when it is full. */
export function candidateCache({ capacity = 256 }: { readonly capacity?: number } = {}): CandidateCache {
  const entries = new Map<Hash, { readonly hits: readonly RouteHit[]; readonly payloadHash: Hash }>()
  return {
    get(key) {
      const entry = entries.get(key)
      // The hits are shared with the caller; if anyone changed them they are no longer what was stored.
      if (entry && canonicalHash(entry.hits) === entry.payloadHash) return entry
      entries.delete(key)
      return undefined
    },
    put(key, hits) {
      const copy = hits.map((hit) => structuredClone(hit))
      const payloadHash = canonicalHash(copy)
      entries.delete(key)
      entries.set(key, { hits: copy, payloadHash })
      const oldest = entries.keys().next()
      if (entries.size > capacity && !oldest.done) entries.delete(oldest.value)
      return payloadHash
    },
  }
}
