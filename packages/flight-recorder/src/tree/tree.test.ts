import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { bytesHash } from '@ctxlock/core-hash'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { growRange } from './compact-range.ts'
import { EMPTY_ROOT, eventLeafHash, leafHash, nodeHash } from './merkle-hash.ts'
import { consistencyProof, inclusionProof, isConsistent, rootFromInclusion, rootOfLeaves } from './proofs.ts'
import type { SubtreeReader } from './proofs.ts'
import { extendTiles, newTiles, subtreesOf, tilePath } from './tiles.ts'
import type { Tile, TileStore } from './tiles.ts'

const SEED = 20261122

interface Vectors {
  readonly tree: {
    readonly leaves: readonly string[]
    readonly nodes: readonly (readonly string[])[]
    readonly roots: readonly string[]
  }
  readonly inclusion: readonly {
    readonly name: string
    readonly index: number
    readonly size: number
    readonly root: string
    readonly leaf: string
    readonly proof: readonly string[]
    readonly holds: boolean
  }[]
  readonly consistency: readonly {
    readonly name: string
    readonly earlier: number
    readonly size: number
    readonly earlier_root: string
    readonly root: string
    readonly proof: readonly string[]
    readonly holds: boolean
  }[]
}
const file = join(import.meta.dirname, '../../../../vectors/transparency-log/merkle.json')
const vectors: Vectors = JSON.parse(readFileSync(file, 'utf8'))

function memoryTiles(): TileStore & { readonly tiles: Map<string, Tile> } {
  const tiles = new Map<string, Tile>()
  return {
    tiles,
    read: (level, index) => tiles.get(`${level}/${index}`),
    write: (level, index, tile) => void tiles.set(`${level}/${index}`, [...tile]),
  }
}

/** The definition of RFC 6962, section 2.1, word for word. */
function definedRoot(leaves: readonly string[]): string {
  if (leaves.length <= 1) return leaves[0] ?? EMPTY_ROOT
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return nodeHash(definedRoot(leaves.slice(0, split)), definedRoot(leaves.slice(split)))
}

const leavesOf = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => bytesHash(Buffer.from(`${from + at}`)))

describe('the published data of a Go implementation', () => {
  const leaves = vectors.tree.leaves.map((hex) => leafHash(Buffer.from(hex, 'hex')))
  const read: SubtreeReader = (level, index) => vectors.tree.nodes[level]?.[index] ?? ''

  test('has our leaves and roots', () => {
    expect(leaves).toEqual(vectors.tree.nodes[0])
    expect(vectors.tree.roots[0]).toBe(EMPTY_ROOT)
    const tree = growRange()
    for (const [at, leaf] of leaves.entries()) {
      tree.append(leaf)
      expect(tree.root()).toBe(vectors.tree.roots[at + 1])
      expect(rootOfLeaves(read, 0, at + 1)).toBe(vectors.tree.roots[at + 1])
    }
  })

  test.each(vectors.inclusion)('inclusion $name', ({ index, size, root, leaf, proof, holds }) => {
    expect(rootFromInclusion(leaf, index, size, proof) === root).toBe(holds)
    if (holds && root === vectors.tree.roots[size]) expect(inclusionProof(read, index, size)).toEqual(proof)
  })

  test.each(vectors.consistency)('consistency $name', ({ earlier, size, earlier_root, root, proof, holds }) => {
    expect(isConsistent({ size: earlier, root: earlier_root }, { size, root }, proof)).toBe(holds)
    if (holds && root === vectors.tree.roots[size]) expect(consistencyProof(read, earlier, size)).toEqual(proof)
  })
})

describe('a tree in tiles', () => {
  test('grown in pieces it has the root of the definition, and every proof holds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        (pieces, pick) => {
          const store = memoryTiles()
          const range = growRange()
          let size = 0
          for (const piece of pieces) {
            const added = leavesOf(piece, size)
            extendTiles(store, size, added)
            for (const leaf of added) range.append(leaf)
            size += piece
          }
          const leaves = leavesOf(size)
          const read = subtreesOf(store)
          const root = definedRoot(leaves)
          expect(rootOfLeaves(read, 0, size)).toBe(root)
          expect(range.root()).toBe(root)

          const index = pick % size
          const inclusion = inclusionProof(read, index, size)
          expect(inclusion.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)))
          expect(rootFromInclusion(leaves[index] ?? '', index, size, inclusion)).toBe(root)
          expect(rootFromInclusion(leaves[index] ?? '', index, size, inclusion.slice(1)) === root).toBe(
            inclusion.length === 0,
          )

          const earlier = { size: index + 1, root: definedRoot(leaves.slice(0, index + 1)) }
          const consistency = consistencyProof(read, index + 1, size)
          expect(isConsistent(earlier, { size, root }, consistency)).toBe(true)
          expect(isConsistent({ ...earlier, root: EMPTY_ROOT }, { size, root }, consistency)).toBe(false)
          expect(isConsistent(earlier, { size, root: EMPTY_ROOT }, consistency)).toBe(false)
          expect(isConsistent(earlier, { size, root }, [...consistency, root])).toBe(false)
        },
      ),
      { seed: SEED, numRuns: 60 },
    )
  })

  test('a tree of 70,000 has the tiles that C2SP counts for it, and continues from them', { timeout: 60_000 }, () => {
    const store = memoryTiles()
    extendTiles(store, 0, leavesOf(69_999))
    extendTiles(store, 69_999, leavesOf(1, 69_999))
    expect(store.tiles.size).toBe(273 + 1 + 1 + 1 + 1)
    expect(['0/272', '0/273', '1/0', '1/1', '2/0'].map((name) => store.tiles.get(name)?.length)).toEqual([
      256, 112, 256, 17, 1,
    ])
    const names = newTiles(0, 70_000).map(tilePath)
    expect(names.filter((name) => name.startsWith('tile/0/'))).toHaveLength(274)
    expect(names.filter((name) => name.startsWith('tile/entries/'))).toHaveLength(274)
    expect(names).toEqual(
      expect.arrayContaining(['tile/0/273.p/112', 'tile/1/000', 'tile/1/001.p/17', 'tile/2/000.p/1']),
    )
  })

  test('continues behind whole tiles, writes no tile it did not change, and none that is empty', () => {
    const store = memoryTiles()
    extendTiles(store, 0, leavesOf(256))
    expect([...store.tiles.keys()]).toEqual(['0/0', '1/0'])
    const written: string[] = []
    const watched: TileStore = { read: store.read, write: (level, index) => void written.push(`${level}/${index}`) }
    extendTiles(watched, 256, leavesOf(1, 256))
    expect(written).toEqual(['0/1'])
    // Of a tree that got no further: what stands behind its size is not of it.
    store.write(0, 1, leavesOf(9, 1000))
    extendTiles(store, 257, leavesOf(1, 257))
    expect(store.tiles.get('0/1')).toEqual([...leavesOf(1, 1000), ...leavesOf(1, 257)])
  })

  test('the root of an empty tree is that of nothing', () => {
    expect(growRange().root()).toBe(EMPTY_ROOT)
    expect(rootOfLeaves(subtreesOf(memoryTiles()), 0, 0)).toBe(EMPTY_ROOT)
  })

  test('a leaf or a size that the tree has not gets no proof', () => {
    const store = memoryTiles()
    extendTiles(store, 0, leavesOf(300))
    const read = subtreesOf(store)
    for (const index of [-1, 300, 301, Number.NaN]) expect(() => inclusionProof(read, index, 300)).toThrow(RangeError)
    for (const size of [0, -1, 301, Number.NaN]) expect(() => consistencyProof(read, size, 300)).toThrow(RangeError)
  })

  test('tiles that are missing or too narrow are noticed, never made up', () => {
    const store = memoryTiles()
    extendTiles(store, 0, leavesOf(300))
    expect(() => extendTiles(memoryTiles(), 300, leavesOf(1))).toThrow(RangeError)
    store.write(0, 1, leavesOf(3))
    expect(() => extendTiles(store, 300, leavesOf(1))).toThrow(RangeError)
    expect(() => rootOfLeaves(subtreesOf(store), 0, 300)).toThrow(RangeError)
  })

  test('only what is new is named, partial tiles again', () => {
    expect(newTiles(256, 256)).toEqual([])
    expect(newTiles(255, 256).map(tilePath)).toEqual(['tile/entries/000', 'tile/0/000', 'tile/1/000.p/1'])
    expect(newTiles(256, 260).map(tilePath)).toEqual(['tile/entries/001.p/4', 'tile/0/001.p/4'])
    expect(newTiles(250, 512).map(tilePath)).toEqual([
      'tile/entries/000',
      'tile/entries/001',
      'tile/0/000',
      'tile/0/001',
      'tile/1/000.p/2',
    ])
  })

  test.each([
    [123_456_078, 256, 'tile/5/x123/x456/078'],
    [123_456_078, 2, 'tile/5/x123/x456/078.p/2'],
    [3_057_500, 256, 'tile/5/x003/x057/500'],
    [1, 5, 'tile/5/001.p/5'],
  ])('tile %i of width %i is %s', (index, width, path) => {
    expect(tilePath({ level: 5, index, width })).toBe(path)
  })
})

describe('a proof that somebody made up', () => {
  const [leaf = '', other = ''] = leavesOf(2)
  const root = nodeHash(leaf, other)

  test('is none for a leaf outside the tree, or for a tree that shrank', () => {
    expect(rootFromInclusion(leaf, 0, 1, [])).toBe(leaf)
    expect(rootFromInclusion(leaf, -1, 1, [])).toBeUndefined()
    expect(rootFromInclusion(leaf, 1, 1, [])).toBeUndefined()
    expect(isConsistent({ size: 2, root: leaf }, { size: 1, root: leaf }, [])).toBe(false)
    expect(isConsistent({ size: 0, root: EMPTY_ROOT }, { size: 1, root: leaf }, [leaf])).toBe(false)
  })

  test('is none in other letters: what is proved has one form', () => {
    expect(rootFromInclusion(leaf, 0, 2, [other])).toBe(root)
    expect(rootFromInclusion(leaf, 0, 2, [other.toUpperCase()])).toBeUndefined()
    expect(rootFromInclusion(leaf.toUpperCase(), 0, 2, [other])).toBeUndefined()
    expect(isConsistent({ size: 1, root: leaf }, { size: 2, root }, [other])).toBe(true)
    expect(isConsistent({ size: 1, root: leaf }, { size: 2, root }, [other.toUpperCase()])).toBe(false)
  })
})

test('the leaf of an event is that of the 32 bytes of its hash', () => {
  const hash = bytesHash(Buffer.from('event'))
  expect(eventLeafHash(hash)).toBe(leafHash(Buffer.from(hash, 'hex')))
})
