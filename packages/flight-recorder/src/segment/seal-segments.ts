import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { allEvents } from '../all-events.ts'
import { newestCheckpoint } from '../checkpoint/checkpoint-log.ts'
import { RecorderError, onDatabase } from '../recorder-error.ts'
import { TILE_WIDTH } from '../tree/tiles.ts'
import { readSegment, segmentName, textOf } from './segment-files.ts'
import type { SegmentFiles, SegmentRange } from './segment-files.ts'

/** Whole tiles, so that whoever has a segment can check it against theirs. */
const SEGMENT_TILES = 16

/** Types of events that stay in the database whatever happens, for SQL: without it nobody could tell what was sealed or erased. */
export const STAYS = "('erasure_ordered', 'log_sealed')"

/**
 * Ranges that can be sealed: whole tiles that a checkpoint covers and whose newest event is older than the timestamp, or that were
 * erased; those that are sealed already left out. One `log_sealed` names at most 256 of them. Codes: HSK-500-DB,
 * HSK-409-LOG-DIVERGED for a checkpoint that is none.
 */
export function sealableSegments(database: SqlDatabase, olderThan: string): SegmentRange[] {
  const size = newestCheckpoint(database)?.size ?? 0
  const sealed = sealedRanges(database).reduce((last, { to }) => Math.max(last, to), 0)
  const newest = database.prepare(
    `SELECT max(${textOf(database)} ->> '$.timestamp') AS at FROM flight_event e WHERE e.seq BETWEEN ? AND ?`,
  )
  const isOld = (from: number, to: number) => {
    const at = newest.get(from, to)?.['at'] ?? null
    return at === null || (typeof at === 'string' && at < olderThan)
  }
  let end = sealed
  while (end + TILE_WIDTH <= size && isOld(end + 1, end + TILE_WIDTH)) end += TILE_WIDTH

  const ranges: SegmentRange[] = []
  const width = SEGMENT_TILES * TILE_WIDTH
  for (let from = sealed + 1; from <= end; from += width) ranges.push({ from, to: Math.min(end, from + width - 1) })
  return ranges
}

/** Writes the file of a range: a line for every event that has its text. Whatever stood under the name is replaced. */
export function writeSegment(database: SqlDatabase, files: SegmentFiles, range: SegmentRange): void {
  const rows = database.prepare(
    `SELECT ${textOf(database)} AS event FROM flight_event e WHERE e.seq BETWEEN ? AND ? ORDER BY e.seq`,
  )
  const lines = rows.all(range.from, range.to).flatMap(({ event }) => (typeof event === 'string' ? [`${event}\n`] : []))
  files.write(segmentName(range), lines.join(''))
}

/**
 * Takes the texts of every range out of the database that a signed `log_sealed` names, after comparing them with what the file holds.
 * Returns how many. Called again after a crash. Codes: HSK-409-LOG-DIVERGED when a file differs, HSK-500-DB.
 */
export function dropSealed(database: SqlDatabase, files: SegmentFiles): number {
  const size = newestCheckpoint(database)?.size ?? 0
  return onDatabase('Sealing', () =>
    inTransaction(database, () =>
      sealedRanges(database)
        .filter(({ seq }) => seq <= size)
        .reduce((count, range) => count + dropRange(database, files, range), 0),
    ),
  )
}

function dropRange(database: SqlDatabase, files: SegmentFiles, range: SegmentRange): number {
  const rows = database
    .prepare(
      `SELECT seq, event FROM flight_event
       WHERE seq BETWEEN ? AND ? AND event IS NOT NULL AND event ->> '$.type' NOT IN ${STAYS}`,
    )
    .all(range.from, range.to)
  if (rows.length === 0) return 0
  const { texts } = readSegment(files, range)
  const drop = database.prepare('UPDATE flight_event SET event = NULL WHERE seq = ?')
  for (const { seq, event } of rows) {
    if (texts.get(Number(seq)) !== event)
      throw new RecorderError('HSK-409-LOG-DIVERGED', `The segment ${segmentName(range)} is not what was to be sealed.`)
    drop.run(Number(seq))
  }
  return rows.length
}

/** Every range that the log says was sealed, and which event says so. */
function sealedRanges(database: SqlDatabase): (SegmentRange & { readonly seq: number })[] {
  return [...allEvents(database, { type: 'log_sealed' })].flatMap((event) =>
    event.type === 'log_sealed' ? event.payload.segments.map((range) => ({ ...range, seq: event.seq })) : [],
  )
}
