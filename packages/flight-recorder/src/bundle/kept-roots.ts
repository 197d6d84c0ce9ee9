import type { Checkpoint } from '../checkpoint/checkpoint.ts'
import { openCheckpoint } from '../checkpoint/checkpoint.ts'
import type { NoteVerifier } from '../checkpoint/signed-note.ts'

/** What a checkpoint that was kept elsewhere says about a bundle. */
export interface KeptRoot {
  /**
   * `confirms`: the bundle's log was the same at this size. `contradicts`: it was another. `not_covered`: the bundle has no checkpoint
   * of this size; one from after the run began was expected.
   */
  readonly state: 'confirms' | 'contradicts' | 'not_covered' | 'other_key' | 'damaged'
  readonly size: number | null
}

/** Compares a kept note with the checkpoints of a bundle, which were checked before. */
export function compareKept(note: string, verifier: NoteVerifier, own: readonly Checkpoint[]): KeptRoot {
  const opened = openCheckpoint(note, verifier)
  if (opened.state === 'damaged') return { state: 'damaged', size: null }
  const { size, root } = opened.checkpoint
  if (opened.state === 'other_key') return { state: 'other_key', size }
  const same = own.find((checkpoint) => checkpoint.size === size)
  if (!same) return { state: 'not_covered', size }
  return { state: same.root === root ? 'confirms' : 'contradicts', size }
}
