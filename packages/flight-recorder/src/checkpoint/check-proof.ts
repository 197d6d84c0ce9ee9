import type { FlightEvent } from '@ctxlock/contracts/events'
import { textHash } from '@ctxlock/core-hash'

import { eventLeafHash } from '../tree/merkle-hash.ts'
import { rootFromInclusion } from '../tree/proofs.ts'
import { examineEvent } from '../verify/examined-event.ts'
import { openCheckpoint } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint.ts'
import { parseProof } from './proof-file.ts'
import { parseVerifierKey } from './signed-note.ts'

export type CheckedProof =
  | { readonly ok: true; readonly event: FlightEvent; readonly checkpoint: Checkpoint }
  | { readonly ok: false; readonly problem: string }

/**
 * Checks a proof file with nothing but the log's public key: the log signed a tree of `checkpoint.size` events in which this event
 * stands at its place. Every byte of the file is untrusted. It says nothing about other events, and nothing about when.
 */
export function checkProof(text: string, publicKey: string): CheckedProof {
  const refused = (problem: string): CheckedProof => ({ ok: false, problem })
  const verifier = parseVerifierKey(publicKey)
  if (!verifier) return refused('The public key is none, or was damaged.')
  const parts = parseProof(text)
  if (!parts) return refused('The file is no proof of an event.')

  const opened = openCheckpoint(parts.checkpoint, verifier)
  if (opened.state === 'damaged') return refused('The checkpoint in the file was changed after it was signed.')
  if (opened.state === 'other_key') return refused('The checkpoint in the file was not signed with this key.')
  const { checkpoint } = opened

  const hash = textHash(parts.event)
  const root = rootFromInclusion(eventLeafHash(hash), parts.index, checkpoint.size, parts.proof)
  if (root !== checkpoint.root) return refused('The event is not the one that stands in the signed tree at this place.')
  const { event } = examineEvent(parts.index + 1, parts.event, hash)
  if (event?.seq !== parts.index + 1)
    return refused('What was signed is no event of this version, or of another place.')
  return { ok: true, event, checkpoint }
}
