import { existsSync, readFileSync } from 'node:fs'

import {
  newestCheckpoint,
  openCheckpoint,
  parseVerifierKey,
  storedEvents,
  type Checkpoint,
} from '@ctxlock/flight-recorder'

import { anchorNow } from '../anchors/anchor-now.ts'
import { checkSigner } from '../anchors/check-signer.ts'
import { findSigningKey } from '../anchors/signing-key.ts'
import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { StoredSession } from '../session/stored-session.ts'
import { loadConfig } from '../workspace/config-file.ts'
import type { RunPart } from './run-parts.ts'

export interface CheckpointChoice {
  readonly parts: readonly RunPart[]
  /** The file of a checkpoint that a reader has. */
  readonly given: string | undefined
  readonly publicKey: string | undefined
  readonly variables: NodeJS.ProcessEnv
}

type SignedCheckpoint = Checkpoint & { readonly note: string }

/**
 * The tree a report proves its events in: the one of the reader's checkpoint, or else the newest that was signed. What is not
 * signed yet, because a run was killed or still goes on, is signed first where this person's key can. Codes: CHECKPOINT_INVALID,
 * KEY_FOREIGN.
 */
export async function reportCheckpoint(
  session: StoredSession,
  { parts, given, publicKey, variables }: CheckpointChoice,
): Promise<SignedCheckpoint | undefined> {
  if (given !== undefined) return givenCheckpoint(given, publicKey)
  const newest = await newestSigned(session, parts, variables)
  if (newest && publicKey !== undefined) checkSigner(newest.note, publicKey)
  return newest
}

async function newestSigned(
  session: StoredSession,
  parts: readonly RunPart[],
  variables: NodeJS.ProcessEnv,
): Promise<SignedCheckpoint | undefined> {
  const { database } = session.state
  const last = Math.max(0, ...parts.flatMap(({ runId }) => storedEvents(database, runId).map(({ seq }) => seq)))
  const newest = newestCheckpoint(database)
  if ((newest?.size ?? 0) >= last || !findSigningKey(variables)) return newest
  await anchorNow(session, loadConfig(session.root).config, variables)
  return newestCheckpoint(database)
}

function givenCheckpoint(file: string, publicKey: string | undefined): SignedCheckpoint {
  const note = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const opened = openCheckpoint(note, publicKey === undefined ? undefined : parseVerifierKey(publicKey))
  if (opened.state === 'signed') return { ...opened.checkpoint, note }
  throw new CommandError({
    exit: EXIT_CODE.usage,
    code: 'CHECKPOINT_INVALID',
    message: `expected a checkpoint that is signed with the key of this log in ${file}`,
    hint: 'Give the file as an anchor keeps it, such as .ctxlock/log/checkpoint, and the key with --key.',
  })
}
