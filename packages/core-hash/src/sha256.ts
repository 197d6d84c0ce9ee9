import { createHash, hash, timingSafeEqual } from 'node:crypto'
import { CanonError } from './canon-error.ts'
import { canonicalize } from './canonical-text.ts'
import { writeDirectly } from './direct-writer.ts'
import { isHash, type Hash } from './hash.ts'
import { oncePerSettled } from './settled.ts'
import type { Utf8Buffer } from './utf8-buffer.ts'

/**
 * Hash of the canonical text of a value (CJ-001). A record that stores its own hash is passed without that field (CJ-031).
 *
 * @throws CanonError as canonicalize does.
 */
export function canonicalHash(value: unknown): Hash {
  return hashOf(value)
}

const hashOf = oncePerSettled(
  (value: unknown): Hash => writeDirectly(value, hashOfText) ?? hash('sha256', canonicalize(value), 'hex'),
)

/**
 * Hash of the UTF-8 bytes of the exact text, not normalised (CJ-033).
 *
 * @throws CanonError CANON_LONE_SURROGATE: such text has no UTF-8 form, and replacing the surrogate would let two texts share a hash.
 */
export function textHash(text: string): Hash {
  if (!text.isWellFormed()) throw new CanonError('CANON_LONE_SURROGATE')
  return hash('sha256', text, 'hex')
}

/** Hash of raw bytes: nothing is decoded, converted or skipped (CJ-032). */
export function bytesHash(bytes: Uint8Array): Hash {
  return hash('sha256', bytes, 'hex')
}

/**
 * Hash of raw bytes that arrive in chunks, such as a file too large for memory (CJ-032).
 *
 * @throws CanonError CANON_UNSUPPORTED_TYPE when a chunk is not bytes, as from a stream that was told to decode.
 */
export async function fileHash(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Hash> {
  const digest = createHash('sha256')
  for await (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) throw new CanonError('CANON_UNSUPPORTED_TYPE')
    digest.update(chunk)
  }
  return digest.digest('hex')
}

/** Compares two hashes in constant time (CJ-030). Anything that is not a hash equals nothing, itself included. */
export function hashesEqual(a: Hash, b: Hash): boolean {
  return isHash(a) && isHash(b) && timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'))
}

function hashOfText(text: Utf8Buffer): Hash {
  return hash('sha256', text.written(), 'hex')
}
