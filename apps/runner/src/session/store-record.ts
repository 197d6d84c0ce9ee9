import type { ArtifactStore } from '@ctxlock/contracts/ports'
import type { ArtifactHandle } from '@ctxlock/contracts/references'
import { canonicalize } from '@ctxlock/core-hash'

/** How confidential the records of a run are: they hold hashes, ids and the words of tasks and questions. */
export const RECORD_LABEL = { kind: 'report', classification: 'medium' } as const

/** Stores a record as its canonical text. */
export function storeRecord(artifacts: Pick<ArtifactStore, 'put'>, record: unknown): ArtifactHandle {
  return artifacts.put(canonicalBytes(record), RECORD_LABEL)
}

export function canonicalBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalize(value))
}
