// Inclusion and consistency proofs of RFC 6962, section 2.1. What a proof to be checked holds is chosen by an attacker.
import type { Hash } from '@ctxlock/contracts/primitives'
import { isHash } from '@ctxlock/core-hash'

import { EMPTY_ROOT, nodeHash } from './merkle-hash.ts'

/** Root of the whole subtree over leaves `index * 2^level` to `(index + 1) * 2^level`, the end not included. */
export type SubtreeReader = (level: number, index: number) => Hash

/** Root over the leaves from `start` to `end`, the end not included; `start` is a multiple of the power of two that spans them. */
export function rootOfLeaves(read: SubtreeReader, start: number, end: number): Hash {
  const leaves = end - start
  if (leaves === 0) return EMPTY_ROOT
  const level = Math.log2(leaves)
  if (Number.isInteger(level)) return read(level, start / leaves)
  const middle = start + largestPowerBelow(leaves)
  return nodeHash(rootOfLeaves(read, start, middle), rootOfLeaves(read, middle, end))
}

/** Hashes that lead from the leaf at `index`, counted from 0, to the root of the first `size` leaves. */
export function inclusionProof(read: SubtreeReader, index: number, size: number): Hash[] {
  if (!(index >= 0 && index < size)) throw new RangeError(`Expected a leaf below ${size}, got ${index}.`)
  const proof: Hash[] = []
  let [start, end] = [0, size]
  while (end - start > 1) {
    const middle = start + largestPowerBelow(end - start)
    if (index < middle) {
      proof.push(rootOfLeaves(read, middle, end))
      end = middle
    } else {
      proof.push(rootOfLeaves(read, start, middle))
      start = middle
    }
  }
  return proof.reverse()
}

/** Hashes that show that the tree of `size` leaves continues the one of its first `earlier` leaves; `earlier` is at least 1. */
export function consistencyProof(read: SubtreeReader, earlier: number, size: number): Hash[] {
  if (!(earlier >= 1 && earlier <= size)) throw new RangeError(`Expected a size from 1 to ${size}, got ${earlier}.`)
  const proof: Hash[] = []
  let [start, end] = [0, size]
  while (end !== earlier) {
    const middle = start + largestPowerBelow(end - start)
    if (earlier <= middle) {
      proof.push(rootOfLeaves(read, middle, end))
      end = middle
    } else {
      proof.push(rootOfLeaves(read, start, middle))
      start = middle
    }
  }
  // The verifier knows the earlier root already when it is a subtree of its own.
  if (start > 0) proof.push(rootOfLeaves(read, start, end))
  return proof.reverse()
}

/** The root that a leaf at `index` of `size` and a proof amount to; undefined when the proof has another length. */
export function rootFromInclusion(leaf: Hash, index: number, size: number, proof: readonly Hash[]): Hash | undefined {
  if (!(index >= 0 && index < size) || ![leaf, ...proof].every(isHash)) return undefined
  const rest = [...proof]
  let hash = leaf
  for (let [at, last] = [index, size - 1]; last > 0; [at, last] = [half(at), half(last)]) {
    // A node at the right edge without a sibling moves up as it is.
    if (at === last && at % 2 === 0) continue
    const sibling = rest.shift()
    if (sibling === undefined) return undefined
    hash = at % 2 === 1 ? nodeHash(sibling, hash) : nodeHash(hash, sibling)
  }
  return rest.length === 0 ? hash : undefined
}

/** True when the proof leads from the root of the first `earlier` leaves to the root of `size` leaves. */
export function isConsistent(
  { size: earlier, root: earlierRoot }: TreeRoot,
  { size, root }: TreeRoot,
  proof: readonly Hash[],
): boolean {
  if (earlier < 1 || earlier > size) return false
  if (earlier === size) return proof.length === 0 && earlierRoot === root
  if (![earlierRoot, ...proof].every(isHash)) return false
  const rest = [...proof]
  let [at, last] = [earlier - 1, size - 1]
  for (; at % 2 === 1; [at, last] = [half(at), half(last)]);
  const first = at === 0 ? earlierRoot : rest.shift()
  if (first === undefined) return false

  let [old, now] = [first, first]
  for (; last > 0; [at, last] = [half(at), half(last)]) {
    if (at === last && at % 2 === 0) continue
    const sibling = rest.shift()
    if (sibling === undefined) return false
    if (at % 2 === 1) [old, now] = [nodeHash(sibling, old), nodeHash(sibling, now)]
    else now = nodeHash(now, sibling)
  }
  return rest.length === 0 && old === earlierRoot && now === root
}

export interface TreeRoot {
  readonly size: number
  readonly root: Hash
}

function half(position: number): number {
  return Math.floor(position / 2)
}

/** The largest power of two below a number of leaves, which is at least 2. */
function largestPowerBelow(leaves: number): number {
  return 2 ** Math.floor(Math.log2(leaves - 1))
}
