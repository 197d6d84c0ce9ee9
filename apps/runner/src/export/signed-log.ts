import type { KeyObject } from 'node:crypto'

import { logPublicKey } from '@ctxlock/flight-recorder'

import { anchorNow } from '../anchors/anchor-now.ts'
import { openSigningKey } from '../anchors/signing-key.ts'
import { openStoredSession, type StoredSession } from '../session/stored-session.ts'
import { loadConfig } from '../workspace/config-file.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'

/** The record of a workspace whose log was just signed and anchored. */
export interface SignedLog {
  readonly stored: StoredSession
  readonly config: ResolvedConfig
  readonly signingKey: KeyObject
  readonly publicKey: string
}

/** Signs and anchors the log, does the work, and closes everything. Codes: NOTHING_RECORDED, LOG_KEY_UNAVAILABLE, those of `anchorLog`. */
export async function withSignedLog<Result>(
  root: string,
  variables: NodeJS.ProcessEnv,
  work: (log: SignedLog) => Result | Promise<Result>,
): Promise<Result> {
  const stored = openStoredSession(root, variables)
  try {
    const { database } = stored.state
    const { config } = loadConfig(root)
    await anchorNow(stored, config, variables)
    const signingKey = openSigningKey(variables)
    return await work({ stored, config, signingKey, publicKey: logPublicKey({ database, key: signingKey }) })
  } finally {
    stored.close()
  }
}
