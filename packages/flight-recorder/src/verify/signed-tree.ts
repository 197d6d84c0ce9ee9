import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { isHash } from '@ctxlock/core-hash'
import type { Hash } from '@ctxlock/contracts/primitives'

import { POSITION, rowsByPosition } from '../rows-by-position.ts'
import type { Columns } from '../rows-by-position.ts'
import { tileTable } from '../tile-table.ts'
import { growRange } from '../tree/compact-range.ts'
import { eventLeafHash } from '../tree/merkle-hash.ts'
import type { TreeRoot } from '../tree/proofs.ts'
import { TILE_WIDTH } from '../tree/tiles.ts'
import type { ExaminedEvent } from './examined-event.ts'

/** What the signed roots say of the log, whatever its rows say. */
export interface SignedTree {
  /** The first so many leaves are known: they lead to a signed root. */
  readonly settled: number
  /** Rows up to there whose hash is not the one that was signed. */
  readonly differing: ReadonlySet<number>
  /** Sizes of signed trees that these leaves lead to another root of. */
  readonly contradicted: readonly number[]
}

/**
 * Finds leaves that lead to the signed roots: those of the rows, or, when a row was changed, those the tiles remember. Neither
 * is believed for itself, the signed root decides; that is why the changed rows can be named.
 */
export function findSignedTree(database: SqlDatabase, signed: readonly TreeRoot[]): SignedTree {
  const fromRows = walkLeaves(rowLeaves(database), signed)
  const fromTiles = fromRows.settled < largestOf(signed) ? walkLeaves(tileLeaves(database), signed) : undefined

  const best = fromTiles && fromTiles.settled > fromRows.settled ? fromTiles : fromRows
  return {
    settled: best.settled,
    differing: best === fromRows ? new Set() : differingRows(database, best.settled),
    contradicted: best.contradicted,
  }
}

/**
 * What the signed roots say when every one of them holds, as a rule: whoever reads all rows finds that out on the way, without reading
 * them for it. It is a claim until `isConfirmed`, which is asked after the last row.
 */
export function claimSignedTree(signed: readonly TreeRoot[]) {
  const walk = createLeafWalk(signed)
  const settled = largestOf(signed)
  let last = 0
  return {
    claim: { settled, differing: new Set(), contradicted: [] } satisfies SignedTree,
    push(event: ExaminedEvent): void {
      if (last < settled) walk.push(leafOf(event, (last += 1)))
    },
    isConfirmed(): boolean {
      const found = walk.finish()
      return found.settled === settled && found.contradicted.length === 0
    },
  }
}

function largestOf(signed: readonly TreeRoot[]): number {
  return signed.reduce((found, { size }) => Math.max(found, size), 0)
}

/** Leaves in order; ends with undefined where one cannot be had. */
type Leaves = Iterable<Hash | undefined>

function walkLeaves(leaves: Leaves, signed: readonly TreeRoot[]) {
  const walk = createLeafWalk(signed)
  for (const leaf of leaves) {
    if (leaf === undefined) break
    walk.push(leaf)
  }
  return walk.finish()
}

/** Grows a tree leaf by leaf and compares it with each signed root on the way; one leaf that cannot be had ends it. */
function createLeafWalk(signed: readonly TreeRoot[]) {
  const waiting = Map.groupBy(signed, ({ size }) => size)
  const contradicted: number[] = []
  const tree = growRange()
  let [size, settled] = [0, 0]
  let hasEnded = false
  const compare = () => {
    for (const expected of waiting.get(size) ?? []) {
      if (expected.root === tree.root()) settled = size
      else contradicted.push(size)
    }
  }
  compare()
  return {
    push(leaf: Hash | undefined): void {
      hasEnded ||= leaf === undefined
      if (hasEnded || leaf === undefined) return
      tree.append(leaf)
      size += 1
      compare()
    },
    finish: () => ({ settled, contradicted }),
  }
}

function* rowLeaves(database: SqlDatabase): Leaves {
  let position = 0
  for (const { 0: seq, 1: hash } of hashRows(database)) yield rowLeaf(Number(seq), hash, (position += 1))
}

/** The same of an event that was examined: where nothing is wrong with it, its hash was looked at. */
function leafOf({ seq, hash, fault }: ExaminedEvent, position: number): Hash | undefined {
  return seq === position && !fault ? eventLeafHash(hash) : rowLeaf(seq, hash, position)
}

/** The leaf of a row that stands where it has to. */
function rowLeaf(seq: number, hash: unknown, position: number): Hash | undefined {
  return seq === position && typeof hash === 'string' && isHash(hash) ? eventLeafHash(hash) : undefined
}

function* tileLeaves(database: SqlDatabase): Leaves {
  const tiles = tileTable(database)
  for (let index = 0; ; index += 1) {
    const tile = tiles.read(0, index) ?? []
    yield* tile
    if (tile.length < TILE_WIDTH) return
  }
}

function differingRows(database: SqlDatabase, settled: number): Set<number> {
  const tiles = tileTable(database)
  const differing = new Set<number>()
  let tile: readonly Hash[] = []
  let loaded = -1
  for (const { 0: seq, 1: hash } of hashRows(database)) {
    const at = Number(seq) - 1
    if (at < 0 || at >= settled) continue
    const index = Math.floor(at / TILE_WIDTH)
    if (index !== loaded) [tile, loaded] = [tiles.read(0, index) ?? [], index]
    const isSame = isHash(hash) && eventLeafHash(hash) === tile[at % TILE_WIDTH]
    if (!isSame) differing.add(at + 1)
  }
  return differing
}

function hashRows(database: SqlDatabase): Iterable<Columns> {
  return rowsByPosition(database, `SELECT ${POSITION}, e.event_hash FROM flight_event e`)
}
