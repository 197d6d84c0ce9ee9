import type { KeyObject } from 'node:crypto'

import type { LogCheckpoint } from '@ctxlock/contracts/plugin'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { headReader, originOf } from '../log-tables.ts'
import { RecorderError, onDatabase } from '../recorder-error.ts'
import { tileEvents, tileTable } from '../tile-table.ts'
import { rootOf } from '../tree/compact-range.ts'
import { rootOfLeaves } from '../tree/proofs.ts'
import { subtreesOf } from '../tree/tiles.ts'
import { openCheckpoint, signCheckpoint } from './checkpoint.ts'

export interface CheckpointOptions {
  readonly database: SqlDatabase
  /** Ed25519. Kept where whoever can write the log cannot read it, if that can be had. */
  readonly signingKey: KeyObject
}

/**
 * Signs the tree over all committed events, and makes the tiles its proofs need; once for each length of the log. Only what is
 * committed is signed, so it refuses inside a transaction (HSK-409-UNCOMMITTED), and only a log that still is what was
 * appended: when rows and tree contradict each other nothing is signed (HSK-409-LOG-DIVERGED). Code: HSK-500-DB.
 */
export function checkpointLog({ database, signingKey }: CheckpointOptions): LogCheckpoint {
  if (database.isTransaction) {
    throw new RecorderError('HSK-409-UNCOMMITTED', 'Expected to sign after COMMIT; a transaction is open.')
  }
  return onDatabase('Signing the log', () =>
    inTransaction(database, () => {
      const last = newestCheckpoint(database)
      const { count: size, lastHash, edge } = headReader(database)()
      if (last?.size === size) return last

      checkLast(database, size, lastHash)
      tileEvents(database, last?.size ?? 0, size)
      const root = rootOfLeaves(subtreesOf(tileTable(database)), 0, size)
      if (root !== rootOf(edge)) throw diverged()
      const checkpoint = { origin: originOf(database), size, root }
      const note = signCheckpoint(checkpoint, signingKey)
      database.prepare('INSERT INTO flight_checkpoint (size, note) VALUES (?, ?)').run(size, note)
      return { ...checkpoint, note }
    }),
  )
}

/** The checkpoint that was signed last, whoever signed it; undefined before the first. */
export function newestCheckpoint(database: SqlDatabase): LogCheckpoint | undefined {
  return checkpointFor(database, 'ORDER BY size DESC')
}

/** The first checkpoint that covers an event. */
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

function checkLast(database: SqlDatabase, count: number, lastHash: string): void {
  const row = database.prepare('SELECT seq, event_hash FROM flight_event ORDER BY seq DESC LIMIT 1').get()
  if (Number(row?.['seq'] ?? 0) !== count || (row && row['event_hash'] !== lastHash)) throw diverged()
}

export function diverged(): RecorderError {
  return new RecorderError(
    'HSK-409-LOG-DIVERGED',
    'The log is not what was signed or anchored before. What was kept of it was left in place: run verify.',
  )
}
