import type { BuiltPair, PackPair } from '@ctxlock/context-pack'
import type { ContextPackPayload } from '@ctxlock/contracts/packs'

import { rememberValues, type RememberedValues } from './remembered-values.ts'

/**
 * What one session has worked out and need not work out again, because it follows from the key alone (decisions/0033). Bytes
 * are read and hashed for every call all the same; nothing of this is asked whether a source or a stored object changed.
 */
export interface SessionMemory {
  /** Packs by what they were built from: the rules and the config are those of the session. */
  readonly built: RememberedValues<BuiltPair>
  /** The role packs of these, which many work units share. */
  readonly rolePacks: RememberedValues<BuiltPair['rolePack']>
  /** Packs that were verified, by the hashes of their stored bytes. */
  readonly verified: RememberedValues<PackPair>
  /** Payloads of context packs by the hash of their stored bytes: as the freshness guard takes them, and frozen for the others. */
  readonly parsed: RememberedValues<ContextPackPayload>
  readonly captured: RememberedValues<{ readonly payload: unknown }>
}

export function createSessionMemory(): SessionMemory {
  return {
    built: rememberValues(64),
    rolePacks: rememberValues(64),
    verified: rememberValues(64),
    parsed: rememberValues(256),
    captured: rememberValues(256),
  }
}
