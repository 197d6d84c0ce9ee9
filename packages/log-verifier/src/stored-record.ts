import type { DatabaseSync } from 'node:sqlite'

import type { SealedTexts } from './sealed-texts.ts'

/** One row of the log, as it is stored. Nothing of it is believed. */
export interface LogRow {
  readonly seq: number
  /** Undefined when it is not there any more. */
  readonly text: string | undefined
  readonly hash: string
}

/** All that is stored of a log. */
export interface StoredRecord {
  readonly rows: readonly LogRow[]
  readonly head: { readonly count: number; readonly lastHash: string }
  /** Leaves as the tiles of the lowest level hold them, in hex. */
  readonly tileLeaves: readonly string[]
  /** Signed checkpoints in the database, by the size they stand under. */
  readonly checkpoints: readonly { readonly size: number; readonly note: string }[]
  /** Files of sealed ranges that hold something else than they should. */
  readonly oddSegments?: readonly string[]
}

/** Reads a database; nothing in it is changed. Texts that it does not have any more are taken from its segments. */
export function readRecord(database: DatabaseSync, sealed?: SealedTexts): StoredRecord {
  const all = (sql: string) => {
    const statement = database.prepare(sql)
    // Else one integer that is too large for JavaScript stops the reading of all others.
    statement.setReadBigInts(true)
    return statement.all()
  }
  const [head] = all('SELECT count, last_hash FROM flight_head')
  return {
    rows: all('SELECT seq, event, event_hash FROM flight_event ORDER BY seq').map((row) => ({
      seq: nearest(row['seq']),
      text: row['event'] === null ? sealed?.texts.get(nearest(row['seq'])) : String(row['event']),
      hash: String(row['event_hash']),
    })),
    ...(sealed && { oddSegments: sealed.odd }),
    head: { count: nearest(head?.['count']), lastHash: String(head?.['last_hash']) },
    tileLeaves: leavesOf(all('SELECT tile, hashes FROM flight_tile WHERE level = 0 ORDER BY tile')),
    checkpoints: all('SELECT size, note FROM flight_checkpoint ORDER BY size').map(({ size, note }) => ({
      size: nearest(size),
      note: String(note),
    })),
  }
}

/** The safe integer that is nearest: no event can be where another one stands. */
function nearest(value: unknown): number {
  return Math.max(Math.min(Number(value), Number.MAX_SAFE_INTEGER), Number.MIN_SAFE_INTEGER)
}

function leavesOf(tiles: readonly Record<string, unknown>[]): string[] {
  const leaves: string[] = []
  for (const [index, { tile, hashes }] of tiles.entries()) {
    // Behind a hole, or a tile that is not full, nothing has a place.
    if (Number(tile) !== index || leaves.length !== index * 256 || !(hashes instanceof Uint8Array)) break
    for (const leaf of Buffer.from(hashes).toString('hex').match(/.{64}/g) ?? []) leaves.push(leaf)
  }
  return leaves
}
