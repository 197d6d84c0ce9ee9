import { CanonError } from './canon-error.ts'
import { isHash, type Hash } from './hash.ts'

/**
 * The version 8 UUID (RFC 9562) of the first 16 bytes of a hash, for record ids that must not differ between machines:
 * 122 of its bits are the hash's, the other 6 say version and variant.
 *
 * @throws CanonError CANON_INVALID_HASH.
 */
export function uuidFromHash(hash: Hash): string {
  if (!isHash(hash)) throw new CanonError('CANON_INVALID_HASH')
  const variant = ((Number.parseInt(hash.slice(16, 17), 16) & 0b0011) | 0b1000).toString(16)
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `${variant}${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-')
}
