import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

// magic (8) | created at, ms (8) | expires at, ms (8) | nonce (12) | ciphertext | tag (16)
// The header is authenticated with the ciphertext: a changed time to live does not open.
const MAGIC = new TextEncoder().encode('CTXVLT01')
export const HEADER_BYTES = 36
const NONCE_START = 24
const TAG_BYTES = 16
export const OVERHEAD_BYTES = HEADER_BYTES + TAG_BYTES

/** How every object of the vault begins, in hex: what LocalPayloadGuard looks for (VAL-051). */
export const VAULT_MAGIC_HEX = Buffer.from(MAGIC).toString('hex')

export interface VaultTimes {
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number
  readonly expiresAt: number
}

/** AES-256-GCM over `plain`. `nonce` must be 12 fresh random bytes (ACE-067). */
export function seal(plain: Uint8Array, key: KeyObject, nonce: Uint8Array, times: VaultTimes): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES)
  header.set(MAGIC, 0)
  header.writeBigUInt64BE(BigInt(times.createdAt), 8)
  header.writeBigUInt64BE(BigInt(times.expiresAt), 16)
  header.set(nonce, NONCE_START)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(header)
  return Buffer.concat([header, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** The times in a header, or undefined when the bytes do not begin as an object of the vault. Not authenticated yet. */
export function readTimes(header: Uint8Array): VaultTimes | undefined {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength)
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined
  return { createdAt: Number(bytes.readBigUInt64BE(8)), expiresAt: Number(bytes.readBigUInt64BE(16)) }
}

/** The plain bytes, or undefined when the key, the header or the ciphertext is not the one that was sealed. */
export function unseal(object: Uint8Array, key: KeyObject): Uint8Array | undefined {
  if (object.length < OVERHEAD_BYTES) return undefined
  const header = object.subarray(0, HEADER_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', key, header.subarray(NONCE_START), { authTagLength: TAG_BYTES })
  decipher.setAAD(header)
  decipher.setAuthTag(object.subarray(object.length - TAG_BYTES))
  const plain = decipher.update(object.subarray(HEADER_BYTES, object.length - TAG_BYTES))
  try {
    return Buffer.concat([plain, decipher.final()])
  } catch {
    // GCM says only that something differs. The bytes decrypted so far must not be used, and are not.
    return undefined
  }
}
