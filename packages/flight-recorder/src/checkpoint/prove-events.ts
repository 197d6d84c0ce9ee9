import type { SqlDatabase } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/contracts/primitives'

import { onDatabase } from '../recorder-error.ts'
import { tileTable } from '../tile-table.ts'
import { inclusionProof, rootOfLeaves } from '../tree/proofs.ts'
import { subtreesOf } from '../tree/tiles.ts'
import { diverged } from './diverged.ts'
import type { Checkpoint } from './checkpoint.ts'

/** Proofs of many events against one checkpoint. What they share stands once. */
export interface EventProofs {
  /** Hashes that the proofs are made of. */
  readonly nodes: readonly Hash[]
  /** By the event's position: places in `nodes`, from the leaf to the root. */
  readonly proofs: ReadonlyMap<number, readonly number[]>
}

export interface ProveEventsOptions {
  readonly database: SqlDatabase
  /** Positions of events that the checkpoint covers. */
  readonly seqs: readonly number[]
  readonly checkpoint: Pick<Checkpoint, 'size' | 'root'>
}

/** Proves events to whoever has the checkpoint. Codes: HSK-409-LOG-DIVERGED when the log does not lead to it, HSK-500-DB. */
export function proveEvents({ database, seqs, checkpoint: { size, root } }: ProveEventsOptions): EventProofs {
  return onDatabase('Proving events', () => {
    const read = subtreesOf(tileTable(database))
    const places = new Map<Hash, number>()
    const placeOf = (hash: Hash): number => {
      const place = places.get(hash) ?? places.size
      places.set(hash, place)
      return place
    }
    try {
      if (rootOfLeaves(read, 0, size) !== root) throw diverged()
      const proofs = new Map(seqs.map((seq) => [seq, inclusionProof(read, seq - 1, size).map(placeOf)]))
      return { nodes: [...places.keys()], proofs }
    } catch (error) {
      // A tile that is absent or too narrow.
      throw error instanceof RangeError ? diverged() : error
    }
  })
}
