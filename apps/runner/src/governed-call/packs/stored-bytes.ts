import { ArtifactError } from '@ctxlock/artifact-store'
import type { Hash } from '@ctxlock/contracts/primitives'

import type { Session } from '../../session/session.ts'

/** Stored bytes as they are; none when they are gone, empty ones, which no hash fits, when the store finds them altered. */
export function storedBytes(session: Pick<Session, 'artifacts'>, hash: Hash): Uint8Array | undefined {
  try {
    return bytesIfStored(session, hash)
  } catch (error) {
    if (error instanceof ArtifactError && error.code === 'ARTIFACT_HASH_MISMATCH') return new Uint8Array()
    throw error
  }
}

/** Stored bytes; none when they are gone. Throws what the store throws when they are altered. */
export function bytesIfStored({ artifacts }: Pick<Session, 'artifacts'>, hash: Hash): Uint8Array | undefined {
  try {
    return artifacts.get(hash)
  } catch (error) {
    if (error instanceof ArtifactError && error.code === 'ARTIFACT_MISSING') return undefined
    throw error
  }
}
