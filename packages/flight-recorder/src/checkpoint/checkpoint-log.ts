import type { KeyObject } from 'node:crypto'

import type { LogCheckpoint } from '@ctxlock/contracts/plugin'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { headReader, originOf } from '../log-tables.ts'
import { RecorderError, onDatabase } from '../recorder-error.ts'
import { eventHashes, tileEvents, tileTable } from '../tile-table.ts'
import { eventLeafHash } from '../tree/merkle-hash.ts'
import { rootOfLeaves } from '../tree/proofs.ts'
import type { SubtreeReader } from '../tree/proofs.ts'
import { subtreesOf } from '../tree/tiles.ts'
import { appendedHashes } from './appended-hashes.ts'
import { openCheckpoint, signCheckpoint } from './checkpoint.ts'
import { diverged } from './diverged.ts'

export interface CheckpointOptions {
  readonly database: SqlDatabase
  /** Ed25519. Kept where whoever can write the log cannot read it, if that can be had. */
  readonly signingKey: KeyObject
}

/**
 * Signs the tree over all committed events, and makes the tiles its proofs need; once for each length of the log. Only what is
 * committed is signed, so it refuses inside a transaction (HSK-409-UNCOMMITTED), and only a log that still is what was
 * appended: when texts, chain, head and tree contradict each other nothing is signed (HSK-409-LOG-DIVERGED). Code: HSK-500-DB.
 */
export function checkpointLog({ database, signingKey }: CheckpointOptions): LogCheckpoint {
  if (database.isTransaction) {
    throw new RecorderError('HSK-409-UNCOMMITTED', 'Expected to sign after COMMIT; a transaction is open.')
  }
  return onDatabase('Signing the log', () =>
    inTransaction(database, () => {
      const last = newestCheckpoint(database)
      const head = headReader(database)()
      const { count: size } = head
      if (last?.size === size) return last

      const tiles = tileTable(database)
      const tree = subtreesOf(tiles)
      if (last) checkSigned(database, tree, last)
      tileEvents(tiles, last?.size ?? 0, appendedHashes(database, last?.size ?? 0, head))
      const checkpoint = { origin: originOf(database), size, root: rootOfLeaves(tree, 0, size) }
      const note = signCheckpoint(checkpoint, signingKey)
      database.prepare('INSERT INTO flight_checkpoint (size, note) VALUES (?, ?)').run(size, note)
      return { ...checkpoint, note }
    }),
  )
}

/** The tiles have to be those of the last checkpoint, and the event the chain goes on from one of them. */
function checkSigned(database: SqlDatabase, tree: SubtreeReader, { size, root }: LogCheckpoint): void {
  if (size === 0) return
  const [last = ''] = eventHashes(database, size - 1, size)
  if (rootOfLeaves(tree, 0, size) !== root || tree(0, size - 1) !== eventLeafHash(last)) throw diverged()
}

/** The checkpoint that was signed last, whoever signed it; undefined before the first. Code: HSK-409-LOG-DIVERGED for one that is none. */
export function newestCheckpoint(database: SqlDatabase): LogCheckpoint | undefined {
  return checkpointFor(database, 'ORDER BY size DESC')
}

/** The first checkpoint that covers an event. Code: HSK-409-LOG-DIVERGED for one that is none. */
export function checkpointCovering(database: SqlDatabase, seq: number): LogCheckpoint | undefined {
  return checkpointFor(database, 'WHERE size >= ? ORDER BY size', seq)
}

function checkpointFor(database: SqlDatabase, which: string, ...values: number[]): LogCheckpoint | undefined {
  const note = database.prepare(`SELECT note FROM flight_checkpoint ${which} LIMIT 1`).get(...values)?.['note']
  if (note === undefined) return undefined
  if (typeof note !== 'string') throw diverged()
  const opened = openCheckpoint(note, undefined)
  if (opened.state === 'damaged') throw diverged()
  return { ...opened.checkpoint, note }
}
