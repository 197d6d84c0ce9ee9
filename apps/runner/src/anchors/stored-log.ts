import { hasLog, logPublicKey, readAnchors, type KeptCheckpoint } from '@ctxlock/flight-recorder'

import { nodeEnvironment } from '../environment/node-environment.ts'
import type { StoredSession } from '../session/stored-session.ts'
import { loadConfig } from '../workspace/config-file.ts'
import { openAnchors } from './log-anchors.ts'
import { readPublicKey } from './public-key.ts'
import { findSigningKey } from './signing-key.ts'

/** What the anchors of a workspace keep of its log; asked before the log is read. */
export async function keptCheckpoints({ root, state }: StoredSession): Promise<KeptCheckpoint[]> {
  const places = { root, stateFolder: state.folder, environment: nodeEnvironment }
  const anchors = await openAnchors(places, loadConfig(root).config)
  try {
    return await readAnchors(anchors)
  } finally {
    for (const sink of anchors.values()) await sink.close()
  }
}

/**
 * The public key to check a log with: the one that was given, or that of this person's own key; undefined without any, and where a
 * process was killed before it began a log.
 */
export function publicKeyFor(
  { state }: StoredSession,
  given: string | undefined,
  variables: NodeJS.ProcessEnv,
): string | undefined {
  if (given !== undefined) return readPublicKey(given)
  const key = hasLog(state.database) ? findSigningKey(variables) : undefined
  return key && logPublicKey({ database: state.database, key })
}
