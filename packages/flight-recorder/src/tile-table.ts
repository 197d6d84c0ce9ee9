import type { SqlDatabase } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/contracts/primitives'

import { RecorderError } from './recorder-error.ts'
import { eventLeafHash } from './tree/merkle-hash.ts'
import { extendTiles } from './tree/tiles.ts'
import type { TileStore } from './tree/tiles.ts'

/** The tiles of the log in its database, made at each checkpoint. Nobody believes them before they lead to a signed root. */
export function tileTable(database: SqlDatabase): TileStore {
  const select = database.prepare('SELECT hashes FROM flight_tile WHERE level = ? AND tile = ?')
  const replace = database.prepare('INSERT OR REPLACE INTO flight_tile (level, tile, hashes) VALUES (?, ?, ?)')
  return {
    read(level, index) {
      const bytes = select.get(level, index)?.['hashes']
      return bytes instanceof Uint8Array ? [...hashesIn(bytes)] : undefined
    },
    write: (level, index, tile) => void replace.run(level, index, Buffer.from(tile.join(''), 'hex')),
  }
}

const HASH_BYTES = 32

function* hashesIn(bytes: Uint8Array): Generator<Hash> {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
  for (let at = 0; at + 2 * HASH_BYTES <= hex.length; at += 2 * HASH_BYTES) yield hex.slice(at, at + 2 * HASH_BYTES)
}

/** Adds the leaves of events to the tiles of a tree of `size` leaves. */
export function tileEvents(tiles: TileStore, size: number, eventHashes: Iterable<Hash>): void {
  extendTiles(tiles, size, leavesOf(eventHashes))
}

function* leavesOf(eventHashes: Iterable<Hash>): Generator<Hash> {
  for (const eventHash of eventHashes) yield eventLeafHash(eventHash)
}

/** `event_hash` of the events after the first `from`, up to `to`, in order. Code: HSK-409-LOG-DIVERGED for a gap. */
export function* eventHashes(database: SqlDatabase, from: number, to: number): Generator<Hash> {
  const rows = database.prepare('SELECT seq, event_hash FROM flight_event WHERE seq > ? AND seq <= ? ORDER BY seq')
  let last = from
  for (const { seq, event_hash } of rows.iterate(from, to)) {
    if (seq !== last + 1) break
    last += 1
    yield String(event_hash)
  }
  if (last !== to) throw new RecorderError('HSK-409-LOG-DIVERGED', `Event ${last + 1} of the log is gone: run verify.`)
}
