import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { RecorderError, onDatabase } from '../recorder-error.ts'
import { STAYS } from '../segment/seal-segments.ts'
import { readSegment, segmentRange } from '../segment/segment-files.ts'
import type { SegmentFiles, SegmentRange } from '../segment/segment-files.ts'
import { positionsIn, signedOrders } from './erasure-orders.ts'
import type { ErasureOrder } from './erasure-orders.ts'

export interface CarryOutOptions {
  readonly database: SqlDatabase
  /**
   * Deletes what else the orders name, in the same transaction. Called with every signed order, so it meets what is gone
   * already, and what was stored again since and stays.
   */
  readonly also?: (orders: readonly ErasureOrder[]) => void
  /** Where sealed texts are, to erase them there too. */
  readonly segments?: SegmentFiles
}

export interface CarriedOut {
  /** Events whose text and salt were deleted now. */
  readonly events: number
  /** False while another connection still reads an older state: the journal then keeps the deleted bytes until it was written back. */
  readonly isOverwritten: boolean
}

/**
 * Deletes text and salt of every event that a signed order names, and its lookup keys; hash and leaf stay. What was deleted before
 * is left alone, so whatever interrupted it, it is called again. Refuses inside a transaction (HSK-409-UNCOMMITTED), because the
 * deleted bytes are overwritten after COMMIT. Code: HSK-500-DB.
 */
export function carryOutErasures({ database, also, segments }: CarryOutOptions): CarriedOut {
  if (database.isTransaction) {
    throw new RecorderError('HSK-409-UNCOMMITTED', 'Expected to erase outside a transaction; one is open.')
  }
  return onDatabase('Erasing', () => {
    const events = inTransaction(database, () => {
      const orders = signedOrders(database)
      also?.(orders)
      const ranges = orders.flatMap(positionsIn)
      const sealed = segments ? eraseLines(segments, ranges) : 0
      return ranges.reduce((count, { from, to }) => count + eraseRange(database, from, to), sealed)
    })
    return { events, isOverwritten: overwriteDeleted(database) }
  })
}

/**
 * Writes the file anew and empties the journal: pages keep pieces of what was deleted or moved in them at any time before. False when
 * another connection is in the way.
 */
function overwriteDeleted(database: SqlDatabase): boolean {
  try {
    database.exec('VACUUM')
  } catch (error) {
    if (error instanceof Error && /locked|busy/.test(error.message)) return false
    throw error
  }
  const [written] = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all()
  return written?.['busy'] === 0
}

/** Takes lines out of segments; a segment without a line is removed. An order is never sealed away, so none is lost here. */
function eraseLines(files: SegmentFiles, erased: readonly SegmentRange[]): number {
  let count = 0
  for (const name of files.list()) {
    const range = segmentRange(name)
    if (!range || !erased.some(({ from, to }) => from <= range.to && to >= range.from)) continue
    const { texts } = readSegment(files, range)
    const kept = [...texts].filter(([seq]) => !erased.some(({ from, to }) => from <= seq && seq <= to))
    count += texts.size - kept.length
    if (kept.length === 0) files.remove(name)
    else if (kept.length < texts.size) files.write(name, kept.map(([, text]) => `${text}\n`).join(''))
  }
  return count
}

/** An order stays readable whatever another one says: it is what tells an erased text from one that was taken away. */
function eraseRange(database: SqlDatabase, from: number, to: number): number {
  const erased = `seq BETWEEN ? AND ? AND (event IS NULL OR event ->> '$.type' NOT IN ${STAYS})`
  for (const table of ['flight_key', 'flight_violation']) {
    database.prepare(`DELETE FROM ${table} WHERE seq IN (SELECT seq FROM flight_event WHERE ${erased})`).run(from, to)
  }
  return Number(
    database.prepare(`UPDATE flight_event SET event = NULL WHERE event IS NOT NULL AND ${erased}`).run(from, to)
      .changes,
  )
}
