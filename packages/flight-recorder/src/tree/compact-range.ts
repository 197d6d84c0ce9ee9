import type { Hash } from '@ctxlock/contracts/primitives'

import { EMPTY_ROOT, nodeHash } from './merkle-hash.ts'

/** A tree of which only the right edge is kept: an append costs as many node hashes as its size has trailing ones, one on average. */
export interface GrowingRange {
  append(leaf: Hash): void
  root(): Hash
}

export function growRange(): GrowingRange {
  // Roots of the whole subtrees the size is a sum of, the largest first: one for each bit set in it.
  const edge: Hash[] = []
  let size = 0
  return {
    append(leaf) {
      let hash = leaf
      for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) hash = nodeHash(edge.pop() ?? '', hash)
      edge.push(hash)
      size += 1
    },
    root: () => (edge.length === 0 ? EMPTY_ROOT : edge.reduceRight((right, left) => nodeHash(left, right))),
  }
}
