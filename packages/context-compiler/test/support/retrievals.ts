import { fileSourceId } from '@ctxlock/contracts/references'
import { textHash } from '@ctxlock/core-hash'

import type { Retrieval } from '../../src/retrieval/retrieve.ts'
import type { RetrievalRoute, RouteHit } from '../../src/retrieval/route.ts'

/** A workspace in which the word `checksum` stands in code and in prose. */
export const files = {
  'src/checksum.ts':
    '/** Computes the checksum of a box. */\nexport function computeChecksum(bytes) {\n  return sha256(bytes)\n}\n',
  'src/depot.ts': 'export interface Depot {\n  capacity: number\n}\n',
  'docs/boxes.md': '# Boxes\n\nEvery box has a checksum.\n',
}

/** Where the snippets of a retrieval stand, in their order. */
export const sources = (retrieval: Retrieval) => retrieval.snippets.map(({ span }) => span.ref.id)

/** A store that answers with fixed hits. */
export function fixedRoute(hits: readonly RouteHit[], more: Partial<RetrievalRoute> = {}): RetrievalRoute {
  return { store: 'shadow_ws_vector', deterministic: true, version: 'fixed', search: () => ({ hits }), ...more }
}

export function hitOf(path: string, text: string, vector: number, selector = 'lines:1-1'): RouteHit {
  return { ref: { kind: 'span', id: fileSourceId(path), hash: textHash(text), selector }, scores: { vector } }
}
