import { createHmac, type KeyObject } from 'node:crypto'
import { CanonError } from './canon-error.ts'
import type { Hash } from './hash.ts'

const MIN_KEY_BYTES = 32

/**
 * HMAC-SHA-256 of a domain name and data, for digests that nobody without the key can recompute. The domain is preceded by
 * its UTF-8 length in bytes as a 32-bit big-endian number, so no two pairs of domain and data share an input.
 * A string stands for its UTF-8 bytes. Whoever makes many digests with one key hands it in as a `KeyObject`, made once.
 *
 * @throws CanonError CANON_SHORT_KEY below 32 bytes of key; CANON_LONE_SURROGATE when a string has no UTF-8 form.
 */
export function keyedDigest(key: Uint8Array | KeyObject, domain: string, bytes: Uint8Array | string): Hash {
  const keyBytes = key instanceof Uint8Array ? key.byteLength : (key.symmetricKeySize ?? 0)
  if (keyBytes < MIN_KEY_BYTES) throw new CanonError('CANON_SHORT_KEY')
  const domainBytes = utf8(domain)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(domainBytes.byteLength)
  const data = typeof bytes === 'string' ? utf8(bytes) : bytes
  return createHmac('sha256', key).update(length).update(domainBytes).update(data).digest('hex')
}

function utf8(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new CanonError('CANON_LONE_SURROGATE')
  return Buffer.from(text, 'utf8')
}
