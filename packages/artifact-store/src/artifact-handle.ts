import type { ArtifactOptions } from '@ctxlock/contracts/ports'
import type { ArtifactHandle } from '@ctxlock/contracts/references'
import { uuidFromHash } from '@ctxlock/core-hash'

import { ArtifactError } from './artifact-error.ts'

/** Largest object; the limit of all artifacts of one job (MT-051). */
export const MAX_OBJECT_BYTES = 524_288_000

/** Sensitive objects are not exportable unless somebody says so, and must say how long they live (spec 04 section 1). */
export function handleOf(contentHash: string, size: number, options: ArtifactOptions): ArtifactHandle {
  return {
    artifact_id: uuidFromHash(contentHash),
    kind: options.kind,
    uri: `/objects/${contentHash}`,
    content_hash: contentHash,
    size_bytes: size,
    classification: options.classification,
    exportable: options.exportable ?? options.classification === 'low',
    ...(options.retentionTtlDays === undefined ? {} : { retention_ttl_days: options.retentionTtlDays }),
  }
}

/** Throws `ARTIFACT_INVALID`. */
export function checkOptions(bytes: Uint8Array, options: ArtifactOptions): void {
  const invalid = (message: string) => new ArtifactError('ARTIFACT_INVALID', message)
  if (options.kind === 'prompt_payload') throw invalid('A prompt payload is stored in the vault, encrypted (ACE-066).')
  if (options.classification === 'high' && options.retentionTtlDays === undefined) {
    throw invalid('An object of high classification needs `retentionTtlDays`.')
  }
  const days = options.retentionTtlDays ?? 0
  if (!Number.isSafeInteger(days) || days < 0) throw invalid('Expected `retentionTtlDays` as a whole number of days.')
  if (bytes.length > MAX_OBJECT_BYTES) {
    throw invalid(`Expected at most ${MAX_OBJECT_BYTES} bytes, got ${bytes.length}: split the object.`)
  }
}
