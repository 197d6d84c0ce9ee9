import type { KeyObject } from 'node:crypto'

import { logPublicKey } from '@ctxlock/flight-recorder'

import { openAnchors } from '../anchors/log-anchors.ts'
import { openLogSigner } from '../anchors/log-signer.ts'
import { openSigningKey } from '../anchors/signing-key.ts'
import { nodeEnvironment } from '../environment/node-environment.ts'
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
    const { database, folder } = stored.state
    const { config } = loadConfig(root)
    const anchors = await openAnchors({ root, stateFolder: folder, environment: nodeEnvironment }, config)
    const signer = openLogSigner({ database, anchors, timers: nodeEnvironment.timers, variables })
    try {
      await signer.anchor()
    } finally {
      await signer.close()
    }
    const signingKey = openSigningKey(variables)
    return await work({ stored, config, signingKey, publicKey: logPublicKey({ database, key: signingKey }) })
  } finally {
    stored.close()
  }
}
