import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { RecorderError, onDatabase } from '../recorder-error.ts'
import { textOf } from '../segment/segment-files.ts'
import { tileTable } from '../tile-table.ts'
import { inclusionProof } from '../tree/proofs.ts'
import { subtreesOf } from '../tree/tiles.ts'
import { checkpointCovering } from './checkpoint-log.ts'
import { checkProof } from './check-proof.ts'
import { formatProof } from './proof-file.ts'

export interface ProveOptions {
  readonly database: SqlDatabase
  /** Position of the event, its `seq`. */
  readonly seq: number
  /** The log's public key in its text form: a proof that would not hold is not given out. */
  readonly publicKey: string
}

/**
 * A proof file (C2SP tlog-proof) of one event: its text, its way to the root and the signed checkpoint. Codes:
 * HSK-404-NOT-SIGNED when no checkpoint covers the event yet, HSK-410-ERASED when its text is gone, HSK-409-LOG-DIVERGED when the log no longer is what was signed.
 */
export function proveEvent({ database, seq, publicKey }: ProveOptions): string {
  const text = onDatabase('Proving an event', () => {
    const row = database.prepare(`SELECT ${textOf(database)} AS event FROM flight_event e WHERE seq = ?`).get(seq)
    const checkpoint = row && checkpointCovering(database, seq)
    if (!checkpoint) {
      throw new RecorderError(
        'HSK-404-NOT-SIGNED',
        `Expected an event that a checkpoint covers; event ${seq} is none yet.`,
      )
    }
    const { event } = row
    if (typeof event !== 'string')
      throw new RecorderError('HSK-410-ERASED', `The text of event ${seq} was erased; only its leaf stands.`)
    const proof = inclusionProof(subtreesOf(tileTable(database)), seq - 1, checkpoint.size)
    return formatProof({ event, index: seq - 1, proof, checkpoint: checkpoint.note })
  })
  const checked = checkProof(text, publicKey)
  if (checked.ok) return text
  throw new RecorderError('HSK-409-LOG-DIVERGED', `Event ${seq} cannot be proved: ${checked.problem} Run verify.`)
}
