import { CompileError, type Retrieval } from '@ctxlock/context-compiler'

import type { Session } from '../../session/session.ts'
import { openPackShelf, type PackShelf } from '../packs/pack-shelf.ts'

export interface CurrentEvidence {
  readonly found: Retrieval
  /** The packs of `found`. */
  readonly shelf: PackShelf
  /** Of every look, those of the first too: what was packed in it is on record. */
  readonly shelves: readonly PackShelf[]
}

/**
 * Step 4 over the files as they are. A person may edit between the iterations of a run (decisions/0036): where an index speaks of other
 * bytes than those that are there, it is brought up to them, and asked once more. What changes again meanwhile is drift (VAL-055).
 */
export async function retrieveCurrent(
  session: Session,
  retrieve: (shelf: PackShelf) => Promise<Retrieval>,
  reindex: (() => Promise<unknown>) | undefined,
): Promise<CurrentEvidence> {
  const first = openPackShelf(session)
  const found = await retrieve(first).catch((error: unknown) => {
    if (!reindex || !isDrift(error)) throw error
  })
  if (found && (!reindex || found.trace.drift.length === 0)) return { found, shelf: first, shelves: [first] }
  await reindex?.()
  const shelf = openPackShelf(session)
  return { found: await retrieve(shelf), shelf, shelves: [first, shelf] }
}

function isDrift(error: unknown): boolean {
  return error instanceof CompileError && error.code === 'IndexDrift'
}
