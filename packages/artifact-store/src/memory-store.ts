import type { ArtifactStore } from '@ctxlock/contracts/ports'
import { bytesHash } from '@ctxlock/core-hash'

import { ArtifactError } from './artifact-error.ts'
import { checkOptions, handleOf } from './artifact-handle.ts'

/**
 * A store that ends with the process, for tests and first tries; its handles are those of `openArtifactStore`.
 * Codes: ARTIFACT_MISSING, ARTIFACT_INVALID.
 */
export function createMemoryStore(): ArtifactStore {
  const objects = new Map<string, Uint8Array>()
  return {
    put(bytes, options) {
      checkOptions(bytes, options)
      const contentHash = bytesHash(bytes)
      objects.set(contentHash, Uint8Array.from(bytes))
      return handleOf(contentHash, bytes.length, options)
    },
    get(contentHash) {
      const bytes = objects.get(contentHash)
      if (!bytes) throw new ArtifactError('ARTIFACT_MISSING', `No object ${contentHash.slice(0, 12)}… is stored.`)
      return Uint8Array.from(bytes)
    },
    has: (contentHash) => objects.has(contentHash),
  }
}
