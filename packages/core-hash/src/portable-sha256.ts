import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

import { CanonError } from './canon-error.ts'
import { canonicalize } from './canonical-text.ts'
import type { Hash } from './hash.ts'

// WebCrypto's digest answers later, by a promise; these answer at once, as the functions of the Node entry do.

/** Hash of the canonical text of a value, as the Node entry gives it (CJ-001). */
export function canonicalHash(value: unknown): Hash {
  return textHash(canonicalize(value))
}

/** Hash of the UTF-8 bytes of the exact text (CJ-033). @throws CanonError CANON_LONE_SURROGATE. */
export function textHash(text: string): Hash {
  if (!text.isWellFormed()) throw new CanonError('CANON_LONE_SURROGATE')
  return bytesHash(new TextEncoder().encode(text))
}

/** Hash of raw bytes (CJ-032). */
export function bytesHash(bytes: Uint8Array): Hash {
  return bytesToHex(sha256(bytes))
}
