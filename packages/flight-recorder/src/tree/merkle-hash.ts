import type { Hash } from '@ctxlock/contracts/primitives'
import { bytesHash } from '@ctxlock/core-hash'

/** Root of a tree without leaves: the hash of nothing (RFC 6962, section 2.1). */
export const EMPTY_ROOT: Hash = bytesHash(new Uint8Array())

const LEAF_PREFIX = 0x00
const NODE_PREFIX = 0x01
const HASH_BYTES = 32

const node = Buffer.alloc(1 + 2 * HASH_BYTES, NODE_PREFIX)
const eventLeaf = Buffer.alloc(1 + HASH_BYTES, LEAF_PREFIX)

/** Hash of a leaf over the bytes of an entry. */
export function leafHash(entry: Uint8Array): Hash {
  return bytesHash(Buffer.concat([Uint8Array.of(LEAF_PREFIX), entry]))
}

/**
 * Leaf of an event. The entry is the 32 bytes of its `event_hash`, which commits to the canonical text with the salt in it:
 * the text can be erased, or kept from whoever checks the tree, and the leaf stays (decisions/0041).
 */
export function eventLeafHash(eventHash: Hash): Hash {
  eventLeaf.write(eventHash, 1, 'hex')
  return bytesHash(eventLeaf)
}

/** Hash of a node over its two children. */
export function nodeHash(left: Hash, right: Hash): Hash {
  node.write(left, 1, 'hex')
  node.write(right, 1 + HASH_BYTES, 'hex')
  return bytesHash(node)
}
