import type { Hash } from '@ctxlock/contracts/primitives'

import { EMPTY_ROOT, nodeHash } from './merkle-hash.ts'

/** The right edge of a tree: all that has to be kept to append to it and to name its root. */
export interface CompactRange {
  readonly size: number
  /** Roots of the whole subtrees the size is a sum of, the largest first: one for each bit set in `size`. */
  readonly hashes: readonly Hash[]
}

export const EMPTY_RANGE: CompactRange = { size: 0, hashes: [] }

/** A range that grows in place: an append costs as many node hashes as its size has trailing ones, one on average. */
export interface GrowingRange {
  append(leaf: Hash): void
  range(): CompactRange
  root(): Hash
}

export function growRange(from: CompactRange = EMPTY_RANGE): GrowingRange {
  const hashes = [...from.hashes]
  let size = from.size
  return {
    append(leaf) {
      let hash = leaf
      for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
        const left = hashes.pop()
        if (left === undefined) throw new RangeError(`A range of ${size} leaves lacks a hash.`)
        hash = nodeHash(left, hash)
      }
      hashes.push(hash)
      size += 1
    },
    range: () => ({ size, hashes: [...hashes] }),
    root: () => rootOf(hashes),
  }
}

/** Root of the tree whose right edge these are. */
export function rootOf(hashes: readonly Hash[]): Hash {
  return hashes.length === 0 ? EMPTY_ROOT : hashes.reduceRight((right, left) => nodeHash(left, right))
}
