import { readFileSync } from 'node:fs'

import {
  newestCheckpoint,
  openCheckpoint,
  parseVerifierKey,
  storedEvents,
  type Checkpoint,
} from '@ctxlock/flight-recorder'

import { openAnchors } from '../anchors/log-anchors.ts'
import { openLogSigner } from '../anchors/log-signer.ts'
import { findSigningKey } from '../anchors/signing-key.ts'
import { CommandError } from '../command-error.ts'
import { nodeEnvironment } from '../environment/node-environment.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { StoredSession } from '../session/stored-session.ts'
import { loadConfig } from '../workspace/config-file.ts'

export interface CheckpointChoice {
  readonly runIds: readonly string[]
  /** The file of a checkpoint that a reader has. */
  readonly given: string | undefined
  readonly publicKey: string | undefined
  readonly variables: NodeJS.ProcessEnv
}

type SignedCheckpoint = Checkpoint & { readonly note: string }

/**
 * The tree a report proves its events in: the one of the reader's checkpoint, or else the newest that was signed. What is not
 * signed yet, because a run was killed or still goes on, is signed first where this person's key can. Code: CHECKPOINT_INVALID.
 */
export async function reportCheckpoint(
  session: StoredSession,
  { runIds, given, publicKey, variables }: CheckpointChoice,
): Promise<SignedCheckpoint | undefined> {
  if (given !== undefined) return givenCheckpoint(given, publicKey)
  const { database } = session.state
  const last = Math.max(0, ...runIds.flatMap((runId) => storedEvents(database, runId).map(({ seq }) => seq)))
  const newest = newestCheckpoint(database)
  if ((newest?.size ?? 0) >= last || !findSigningKey(variables)) return newest
  await signNow(session, variables)
  return newestCheckpoint(database)
}

async function signNow({ root, state }: StoredSession, variables: NodeJS.ProcessEnv): Promise<void> {
  const places = { root, stateFolder: state.folder, environment: nodeEnvironment }
  const anchors = await openAnchors(places, loadConfig(root).config)
  const signer = openLogSigner({ database: state.database, anchors, timers: nodeEnvironment.timers, variables })
  try {
    await signer.anchor()
  } finally {
    await signer.close()
  }
}

function givenCheckpoint(file: string, publicKey: string | undefined): SignedCheckpoint {
  const note = readFileSync(file, 'utf8')
  const opened = openCheckpoint(note, publicKey === undefined ? undefined : parseVerifierKey(publicKey))
  if (opened.state === 'signed') return { ...opened.checkpoint, note }
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'CHECKPOINT_INVALID',
    message: `expected a checkpoint that is signed with the key of this log in ${file}`,
    hint: 'Give the file as an anchor keeps it, such as .ctxlock/log/checkpoint, and the key with --key.',
  })
}
