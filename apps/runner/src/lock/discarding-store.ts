import type { ListableArtifactStore } from '@ctxlock/artifact-store'
import { bytesHash, uuidFromHash } from '@ctxlock/core-hash'

/** Keeps nothing: for packs that are built only to compare their hash. Its handles are what the real store would give. */
export const discardingStore: ListableArtifactStore = {
  put(bytes, { kind, classification, exportable = false }) {
    const hash = bytesHash(bytes)
    return {
      artifact_id: uuidFromHash(hash),
      kind,
      uri: `/objects/${hash}`,
      content_hash: hash,
      size_bytes: bytes.length,
      classification,
      exportable,
    }
  },
  get() {
    throw new Error('nothing is kept here')
  },
  has: () => false,
  remove: () => false,
  label: () => undefined,
  *list() {},
}
