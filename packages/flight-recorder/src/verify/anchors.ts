import type { AnchorSink } from '@ctxlock/contracts/plugin'
import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { openCheckpoint } from '../checkpoint/checkpoint.ts'
import type { Checkpoint } from '../checkpoint/checkpoint.ts'
import type { NoteVerifier } from '../checkpoint/signed-note.ts'
import { safeInteger } from '../safe-integer.ts'
import type { AnchorReport, Break } from './report.ts'

/** What an anchor said when it was asked for its newest checkpoint; `anchor` is its name. */
export type KeptCheckpoint =
  | { readonly anchor: string; readonly state: 'kept'; readonly note: string }
  | { readonly anchor: string; readonly state: 'absent' | 'unreachable' }

/** Asks anchors what they keep. One that cannot be asked confirms nothing, and does not keep the others from being asked. */
export async function readAnchors(anchors: ReadonlyMap<string, Pick<AnchorSink, 'latest'>>): Promise<KeptCheckpoint[]> {
  const asked = [...anchors].map(async ([anchor, sink]): Promise<KeptCheckpoint> => {
    try {
      const note = await sink.latest()
      return note === undefined ? { anchor, state: 'absent' } : { anchor, state: 'kept', note }
    } catch {
      return { anchor, state: 'unreachable' }
    }
  })
  return Promise.all(asked)
}

/** Checks the notes of anchors, which stand outside the database; they are as untrusted as the log. */
export function checkAnchors(kept: readonly KeptCheckpoint[], verifier: NoteVerifier | undefined) {
  const signed: Checkpoint[] = []
  const reports = kept.map((said): AnchorReport => {
    const { anchor } = said
    if (said.state !== 'kept') return { anchor, state: said.state, size: null }
    const opened = openCheckpoint(said.note, verifier)
    if (opened.state === 'damaged') return { anchor, state: 'damaged', size: null }
    const { size } = opened.checkpoint
    if (opened.state === 'signed') signed.push(opened.checkpoint)
    return { anchor, state: opened.state === 'signed' ? 'signed' : verifier ? 'other_key' : 'no_key', size }
  })
  return { reports, signed }
}

/** The checkpoints in the database itself: they confirm nothing by standing there, but each that is signed has to fit. */
export function checkStoredCheckpoints(database: SqlDatabase, verifier: NoteVerifier | undefined) {
  const signed: Checkpoint[] = []
  const breaks: Break[] = []
  const select = database.prepare(`SELECT ${safeInteger('size')} AS at, note FROM flight_checkpoint ORDER BY size`)
  for (const row of select.iterate()) {
    const [at, note] = [Number(row['at']), row['note']]
    const opened = openCheckpoint(String(note), verifier)
    if (opened.state === 'damaged' || opened.checkpoint.size !== at) {
      breaks.push({ reason: 'edited_checkpoint', from: at, to: at })
    } else if (opened.state === 'signed') signed.push(opened.checkpoint)
  }
  return { signed, breaks }
}
