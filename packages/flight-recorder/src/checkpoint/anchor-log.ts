import type { AnchorRequest, AnchorSink, LogCheckpoint } from '@ctxlock/contracts/plugin'
import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { onDatabase } from '../recorder-error.ts'
import { eventHashes, tileTable } from '../tile-table.ts'
import { consistencyProof, rootOfLeaves } from '../tree/proofs.ts'
import { TILE_WIDTH, newTiles, subtreesOf, tilePath } from '../tree/tiles.ts'
import type { TileName } from '../tree/tiles.ts'
import { checkpointLog, newestCheckpoint } from './checkpoint-log.ts'
import { diverged } from './diverged.ts'
import type { CheckpointOptions } from './checkpoint-log.ts'
import { openCheckpoint } from './checkpoint.ts'

export interface AnchorOptions extends CheckpointOptions {
  /** By the names they are reported under. */
  readonly anchors: ReadonlyMap<string, AnchorSink>
}

/**
 * Signs the log as it is and hands the checkpoint to every anchor. It never goes back: when the log no longer continues what an
 * anchor keeps, that is evidence and stays (HSK-409-LOG-DIVERGED). What an anchor throws passes through.
 */
export async function anchorLog({ database, signingKey, anchors }: AnchorOptions): Promise<LogCheckpoint> {
  let newest = checkpointLog({ database, signingKey })
  for (const anchor of anchors.values()) newest = await bringUpToDate(anchor, database, newest)
  return newest
}

/** Another process may sign and anchor meanwhile. Whoever anchors last looks again, so the newest checkpoint is kept in the end. */
async function bringUpToDate(anchor: AnchorSink, database: SqlDatabase, first: LogCheckpoint): Promise<LogCheckpoint> {
  for (let newest = first; ;) {
    const kept = await anchor.latest()
    onDatabase('Comparing the log with an anchor', () => checkContinues(database, kept, newest))
    if (kept !== newest.note) await anchor.anchor(requestOf(database, newest))
    const next = newestCheckpoint(database) ?? newest
    if (next.size === newest.size) return newest
    newest = next
  }
}

/** The kept text is as untrusted as the log; whether its signature is ours does not matter here. */
function checkContinues(database: SqlDatabase, kept: string | undefined, newest: LogCheckpoint): void {
  if (kept === undefined) return
  const opened = openCheckpoint(kept, undefined)
  if (opened.state === 'damaged') throw diverged()
  const { origin, size, root } = opened.checkpoint
  const latest = newestCheckpoint(database) ?? newest
  if (origin !== newest.origin || size > latest.size || rootAt(database, size) !== root) throw diverged()
}

/** Root of the first `size` events by the tiles. */
function rootAt(database: SqlDatabase, size: number): string | undefined {
  try {
    return rootOfLeaves(subtreesOf(tileTable(database)), 0, size)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function requestOf(database: SqlDatabase, checkpoint: LogCheckpoint): AnchorRequest {
  const { size } = checkpoint
  return {
    ...checkpoint,
    consistencyProof: (earlier) => consistencyProof(subtreesOf(tileTable(database)), earlier, size),
    *tiles(earlier) {
      for (const name of newTiles(earlier, size)) yield { path: tilePath(name), bytes: tileBytes(database, name) }
    },
  }
}

/** A tile as it is served: its hashes, or its entries with their lengths in front. */
function tileBytes(database: SqlDatabase, { level, index, width }: TileName): Uint8Array {
  if (level !== 'entries') {
    const tile = tileTable(database).read(level, index) ?? []
    return Buffer.from(tile.slice(0, width).join(''), 'hex')
  }
  const start = index * TILE_WIDTH
  const entries = [...eventHashes(database, start, start + width)].map((hash) => `${ENTRY_LENGTH}${hash}`)
  return Buffer.from(entries.join(''), 'hex')
}

/** An entry is the 32 bytes of an event's hash; its length stands before it in two bytes. */
const ENTRY_LENGTH = '0020'
