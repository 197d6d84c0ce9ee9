import { createSecretKey } from 'node:crypto'

import type { Clock, PayloadVault, RandomSource } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/contracts/primitives'
import type { ArtifactHandle } from '@ctxlock/contracts/references'
import { bytesHash, hashesEqual, uuidFromHash } from '@ctxlock/core-hash'

import { ArtifactError } from './artifact-error.ts'
import { MAX_OBJECT_BYTES } from './artifact-handle.ts'
import { objectPath, storing } from './object-files.ts'
import type { ObjectFiles } from './object-files.ts'
import { HEADER_BYTES, OVERHEAD_BYTES, readTimes, seal, unseal } from './vault-format.ts'

const MAX_TTL_DAYS = 3650
const DAY_MS = 86_400_000
const FOLDER = 'vault'

/** A vault that also forgets: by time, and on demand. The log keeps only digests, so nothing else breaks. */
export interface ErasableVault extends PayloadVault {
  /** Removes one payload; false when there was none. */
  erase(handle: ArtifactHandle): boolean
  /** Removes every payload whose time is over. `damaged` counts files that do not begin as ciphertext; they are left. */
  removeExpired(): { readonly removed: number; readonly damaged: number }
}

export interface VaultOptions {
  /** Rooted at the state folder; payloads become `vault/ab/cdef…`. */
  readonly files: ObjectFiles
  /** 32 bytes, kept outside the store. */
  readonly key: Uint8Array
  readonly clock: Pick<Clock, 'now'>
  readonly random: Pick<RandomSource, 'bytes'>
}

/**
 * Opens the encrypted store for payloads that must stay on this machine (ACE-066, ACE-067): AES-256-GCM, a random 96-bit
 * nonce an object, handles of kind `prompt_payload` that are never exportable and point below `/encrypted/`. A handle's
 * `content_hash` is of the ciphertext: a hash of a short prompt could be guessed.
 * Codes: VAULT_KEY_INVALID, ARTIFACT_INVALID, ARTIFACT_MISSING, VAULT_TRUNCATED, ARTIFACT_HASH_MISMATCH,
 * VAULT_NOT_CIPHERTEXT, VAULT_EXPIRED, VAULT_WRONG_KEY, ARTIFACT_STORE_FAILED.
 */
export function openVault({ files, key, clock, random }: VaultOptions): ErasableVault {
  if (key.length !== 32) throw new ArtifactError('VAULT_KEY_INVALID', `Expected a key of 32 bytes, got ${key.length}.`)
  const secret = createSecretKey(key)

  function put(bytes: Uint8Array, { ttlDays }: { readonly ttlDays: number }): ArtifactHandle {
    if (!Number.isSafeInteger(ttlDays) || ttlDays < 1 || ttlDays > MAX_TTL_DAYS) {
      throw new ArtifactError('ARTIFACT_INVALID', `Expected \`ttlDays\` from 1 to ${MAX_TTL_DAYS}.`)
    }
    if (bytes.length > MAX_OBJECT_BYTES - OVERHEAD_BYTES) {
      throw new ArtifactError(
        'ARTIFACT_INVALID',
        `Expected a payload below ${MAX_OBJECT_BYTES} bytes, got ${bytes.length}.`,
      )
    }
    const createdAt = Math.floor(clock.now())
    const object = seal(bytes, secret, freshNonce(random), { createdAt, expiresAt: createdAt + ttlDays * DAY_MS })
    const contentHash = bytesHash(object)
    storing('Storing a payload', () => files.writeAtomic(objectPath(FOLDER, contentHash), object))
    return {
      artifact_id: uuidFromHash(contentHash),
      kind: 'prompt_payload',
      uri: `/encrypted/${contentHash}`,
      content_hash: contentHash,
      size_bytes: object.length,
      classification: 'high',
      exportable: false,
      retention_ttl_days: ttlDays,
    }
  }

  function get(handle: ArtifactHandle): Uint8Array {
    const path = pathOf(handle)
    const object = readObject(path, handle.size_bytes + 1)
    if (object.length < handle.size_bytes) {
      throw new ArtifactError('VAULT_TRUNCATED', `The payload has ${object.length} bytes of ${handle.size_bytes}.`)
    }
    if (!hashesEqual(bytesHash(object), handle.content_hash)) {
      throw new ArtifactError('ARTIFACT_HASH_MISMATCH', 'The payload is not the one that was stored.')
    }
    const times = readTimes(object)
    if (!times)
      throw new ArtifactError('VAULT_NOT_CIPHERTEXT', 'The object does not begin as an encrypted payload does.')
    if (times.expiresAt <= clock.now()) {
      storing('Removing an expired payload', () => files.remove(path))
      throw new ArtifactError('VAULT_EXPIRED', 'The time to live of the payload is over; it was removed.')
    }
    const plain = unseal(object, secret)
    if (!plain) throw new ArtifactError('VAULT_WRONG_KEY', 'The payload is whole, but this key does not open it.')
    return plain
  }

  function readObject(path: string, maxBytes: number): Uint8Array {
    const object = storing('Reading a payload', () => files.read(path, maxBytes))
    if (!object)
      throw new ArtifactError('ARTIFACT_MISSING', 'The payload is not in the vault: it was erased, expired or lost.')
    return object
  }

  function removeExpired() {
    const now = clock.now()
    let removed = 0
    let damaged = 0
    storing('Removing expired payloads', () => {
      // Listed to the end first: what is being removed must not disturb the listing.
      const paths = Array.from(files.list(FOLDER))
      for (const path of paths) {
        const times = readTimes(files.read(path, HEADER_BYTES) ?? new Uint8Array())
        if (!times) damaged += 1
        else if (times.expiresAt <= now) {
          files.remove(path)
          removed += 1
        }
      }
    })
    return { removed, damaged }
  }

  return {
    put,
    get,
    header: (handle) => readObject(pathOf(handle), HEADER_BYTES),
    erase: (handle) => erasePayload(files, checked(handle).content_hash),
    removeExpired,
  }
}

/** Removes one payload by the hash of its ciphertext, for which no key is needed; false when there was none. */
export function erasePayload(files: ObjectFiles, contentHash: Hash): boolean {
  const path = objectPath(FOLDER, contentHash)
  return storing('Erasing a payload', () => {
    const existed = files.exists(path)
    files.remove(path)
    return existed
  })
}

/** A handle may come from a record somebody edited: only its hash leads to a file, and it must say what it is. */
function checked(handle: ArtifactHandle): ArtifactHandle {
  const isPayload = handle.kind === 'prompt_payload' && handle.uri === `/encrypted/${handle.content_hash}`
  const isSized = Number.isSafeInteger(handle.size_bytes) && handle.size_bytes <= MAX_OBJECT_BYTES
  if (!isPayload || !isSized)
    throw new ArtifactError('ARTIFACT_INVALID', 'Expected the handle of a payload in this vault.')
  return handle
}

function pathOf(handle: ArtifactHandle): string {
  return objectPath(FOLDER, checked(handle).content_hash)
}

function freshNonce(random: Pick<RandomSource, 'bytes'>): Uint8Array {
  const nonce = random.bytes(12)
  if (nonce.length !== 12) throw new ArtifactError('ARTIFACT_INVALID', `Expected 12 random bytes, got ${nonce.length}.`)
  return nonce
}
