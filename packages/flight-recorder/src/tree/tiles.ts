// The tree as tiles of 256 hashes (C2SP tlog-tiles): what proofs are made from, and what a stranger can fetch as files.
import type { Hash } from '@ctxlock/contracts/primitives'

import { nodeHash } from './merkle-hash.ts'
import type { SubtreeReader } from './proofs.ts'

export const TILE_WIDTH = 256
const TILE_HEIGHT = 8

/** Hashes of one tile, from the left; fewer than 256 in the last tile of a level. */
export type Tile = readonly Hash[]

export interface TileStore {
  read(level: number, index: number): Tile | undefined
  write(level: number, index: number, tile: Tile): void
}

/** Appends leaves to the tiles of a tree of `size` leaves. Throws RangeError when a tile they need is absent or too narrow. */
export function extendTiles(tiles: TileStore, size: number, leaves: Iterable<Hash>): void {
  const open = openTiles(tiles, size)
  for (const leaf of leaves) {
    let hash: Hash | undefined = leaf
    for (let level = 0; hash !== undefined; level += 1) {
      const tile = (open[level] ??= { index: 0, hashes: [], changed: false })
      tile.hashes.push(hash)
      tile.changed = true
      hash = undefined
      if (tile.hashes.length === TILE_WIDTH) {
        tiles.write(level, tile.index, tile.hashes)
        hash = rootOfWhole(tile.hashes)
        open[level] = { index: tile.index + 1, hashes: [], changed: false }
      }
    }
  }
  for (const [level, { index, hashes, changed }] of open.entries()) {
    if (changed) tiles.write(level, index, hashes)
  }
}

interface OpenTile {
  readonly index: number
  readonly hashes: Hash[]
  changed: boolean
}

function openTiles(tiles: TileStore, size: number): OpenTile[] {
  const open: OpenTile[] = []
  for (let level = 0; tilesOf(size, level) > 0 || lastWidth(size, level) > 0; level += 1) {
    const index = tilesOf(size, level)
    const width = lastWidth(size, level)
    const hashes = width === 0 ? [] : tileOf(tiles, level, index).slice(0, width)
    if (hashes.length !== width) throw new RangeError(`Expected ${width} hashes in tile ${level}/${index}.`)
    open.push({ index, hashes, changed: false })
  }
  return open
}

/** Whole tiles of a level in a tree of `size` leaves. */
function tilesOf(size: number, level: number): number {
  return Math.floor(size / TILE_WIDTH ** (level + 1))
}

/** Width of the tile after them. */
function lastWidth(size: number, level: number): number {
  return Math.floor(size / TILE_WIDTH ** level) % TILE_WIDTH
}

/** Reads the root of any whole subtree from tiles. Throws RangeError when one is absent or too narrow. */
export function subtreesOf(tiles: Pick<TileStore, 'read'>): SubtreeReader {
  return (level, index) => {
    const tileLevel = Math.floor(level / TILE_HEIGHT)
    const width = 2 ** (level % TILE_HEIGHT)
    const start = (index * width) % TILE_WIDTH
    const tile = tileOf(tiles, tileLevel, Math.floor((index * width) / TILE_WIDTH))
    const hashes = tile.slice(start, start + width)
    if (hashes.length < width) throw new RangeError(`Expected ${start + width} hashes in a tile of level ${tileLevel}.`)
    return rootOfWhole(hashes)
  }
}

function tileOf(tiles: Pick<TileStore, 'read'>, level: number, index: number): Tile {
  const tile = tiles.read(level, index)
  if (tile === undefined) throw new RangeError(`Expected a tile ${level}/${index}.`)
  return tile
}

/** Root over a power of two of hashes. */
function rootOfWhole(hashes: Tile): Hash {
  let row = hashes
  while (row.length > 1) {
    row = Array.from({ length: row.length / 2 }, (_, at) => nodeHash(row[2 * at] ?? '', row[2 * at + 1] ?? ''))
  }
  return row[0] ?? ''
}

export interface TileName {
  /** `entries` for the tiles that hold the entries themselves. */
  readonly level: number | 'entries'
  readonly index: number
  readonly width: number
}

/** Where a tile stands below the log's folder, such as `tile/0/x001/x234/067` or `tile/1/000.p/17`. */
export function tilePath({ level, index, width }: TileName): string {
  const digits = String(index)
  const path = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').replaceAll(/.{3}(?=.)/g, 'x$&/')
  return `tile/${level}/${path}${width < TILE_WIDTH ? `.p/${width}` : ''}`
}

/** The tiles a tree of `size` leaves has and one of `earlier` had not, the entries' first. */
export function newTiles(earlier: number, size: number): TileName[] {
  const names: TileName[] = []
  for (const level of ['entries', 0] as const) names.push(...newTilesOf(level, 0, earlier, size))
  for (let level = 1; size >= TILE_WIDTH ** level; level += 1) names.push(...newTilesOf(level, level, earlier, size))
  return names
}

function newTilesOf(name: TileName['level'], level: number, earlier: number, size: number): TileName[] {
  const names: TileName[] = []
  if (Math.floor(earlier / TILE_WIDTH ** level) === Math.floor(size / TILE_WIDTH ** level)) return names
  for (let index = tilesOf(earlier, level); index < tilesOf(size, level); index += 1)
    names.push({ level: name, index, width: TILE_WIDTH })
  const width = lastWidth(size, level)
  if (width > 0) names.push({ level: name, index: tilesOf(size, level), width })
  return names
}
