import type { Hash } from '@ctxlock/contracts/primitives'

import { openNote, signNote } from './signed-note.ts'
import type { NoteSigner, NoteVerifier } from './signed-note.ts'

/** What a log commits to when it signs: its first `size` leaves have this root. */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Hash
}

/** A checkpoint in the C2SP tlog-checkpoint form, signed under the origin's name. */
export function signCheckpoint({ origin, size, root }: Checkpoint, privateKey: NoteSigner['privateKey']): string {
  return signNote(`${origin}\n${size}\n${Buffer.from(root, 'hex').toString('base64')}\n`, { name: origin, privateKey })
}

export type OpenedCheckpoint =
  | { readonly state: 'signed' | 'other_key'; readonly checkpoint: Checkpoint }
  | { readonly state: 'damaged' }

/** Reads a checkpoint and checks whether the key signed it. Without a key it is `other_key` at best. */
export function openCheckpoint(note: string, verifier: NoteVerifier | undefined): OpenedCheckpoint {
  const opened = openNote(note, verifier)
  if (opened.state === 'damaged') return opened
  const checkpoint = parseCheckpoint(opened.text)
  const isOwn = checkpoint !== undefined && (opened.state === 'other_key' || checkpoint.origin === verifier?.name)
  return isOwn ? { state: opened.state, checkpoint } : { state: 'damaged' }
}

function parseCheckpoint(text: string): Checkpoint | undefined {
  const [, origin, digits, encoded] =
    /^([^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*$/.exec(text) ?? []
  const size = Number(digits)
  if (origin === undefined || encoded === undefined || !Number.isSafeInteger(size)) return undefined
  const root = Buffer.from(encoded, 'base64')
  return root.toString('base64') === encoded ? { origin, size, root: root.toString('hex') } : undefined
}
