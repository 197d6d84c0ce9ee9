import { readFileSync } from 'node:fs'

import { hasLog, logPublicKey, readAnchors, type KeptCheckpoint } from '@ctxlock/flight-recorder'

import { CommandError } from '../command-error.ts'
import { nodeEnvironment } from '../environment/node-environment.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { StoredSession } from '../session/stored-session.ts'
import { loadConfig } from '../workspace/config-file.ts'
import { openAnchors } from './log-anchors.ts'
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

/** A public key as `<name>+<id>+<key>`, or the file that holds it. */
export function readPublicKey(given: string): string {
  if (/^[^\s+]+\+[0-9a-f]{8}\+/.test(given)) return given
  try {
    return readFileSync(given, 'utf8').trim()
  } catch (error) {
    throw new CommandError(
      {
        exit: EXIT_CODE.usage,
        code: 'KEY_INVALID',
        message: `expected --key as \`<name>+<id>+<key>\` or a file that holds it, got ${given}`,
        hint: '`ctxlock prove` prints the public key of the log.',
      },
      { cause: error },
    )
  }
}
