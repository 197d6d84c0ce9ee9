/** What went wrong; each code says what the caller can do about it. */
export type ArtifactErrorCode =
  /** No object of that hash is stored. Restore it, or treat what needs it as not provable. */
  | 'ARTIFACT_MISSING'
  /** The stored bytes are not the ones that were put. Do not use them (CJ-039). */
  | 'ARTIFACT_HASH_MISMATCH'
  /** The caller's options contradict each other or the size limit; nothing was stored. */
  | 'ARTIFACT_INVALID'
  /** The disk or the database refused; nothing is referenced. Free space or repair, then try again. */
  | 'ARTIFACT_STORE_FAILED'
  /** Written by a newer version of this package. */
  | 'ARTIFACT_STORE_VERSION'
  /** The vault's key is not 32 bytes long. */
  | 'VAULT_KEY_INVALID'
  /** The object is whole, but this key does not open it. */
  | 'VAULT_WRONG_KEY'
  /** The object is shorter than it was when it was written. */
  | 'VAULT_TRUNCATED'
  /** The object does not begin as ciphertext of this scheme does (VAL-051). */
  | 'VAULT_NOT_CIPHERTEXT'
  /** The time to live is over; the object was removed. */
  | 'VAULT_EXPIRED'

/** Messages hold codes, hashes and sizes; never a byte of an object, never a key. */
export class ArtifactError extends Error {
  override readonly name = 'ArtifactError'
  readonly code: ArtifactErrorCode

  constructor(code: ArtifactErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
