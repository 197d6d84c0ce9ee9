import type { ArtifactOptions, ArtifactStore, Clock, SqlDatabase } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/contracts/primitives'
import type { ArtifactHandle } from '@ctxlock/contracts/references'
import { bytesHash, hashesEqual } from '@ctxlock/core-hash'

import { ArtifactError } from './artifact-error.ts'
import { checkOptions, handleOf, MAX_OBJECT_BYTES } from './artifact-handle.ts'
import { objectPath, storing } from './object-files.ts'
import type { ObjectFiles } from './object-files.ts'
import { LABEL_CHANGES, labelOf, labelValues, STRICTER_LABEL, type ObjectLabel } from './object-label.ts'
import { prepareTables } from './store-tables.ts'

/** Objects up to this size live in the database: thousands of small files cost more than computing them. */
export const INLINE_LIMIT_BYTES = 65_536

const FOLDER = 'objects'

export interface StoredObject {
  readonly content_hash: string
  readonly size_bytes: number
  /** Milliseconds since the Unix epoch of the first put. */
  readonly stored_at: number
  readonly place: 'database' | 'file'
}

/** A content-addressed store that also tells what verification and the leakage guard have to know of its objects. */
export interface ListableArtifactStore extends ArtifactStore {
  /**
   * How confidential an object is, whatever a handle to it claims (VAL-036): the strictest of what everybody who put it said.
   * Undefined for one that is not there, and for one that only an older version stored: nobody knows it until it is put again.
   */
  label(contentHash: Hash): ObjectLabel | undefined
  /** Every object that was put, in the order of hashes; whether it is whole only `get` tells. */
  list(): IterableIterator<StoredObject>
  /** Removes an object for good; false when there was none. Its file goes at once, also inside a transaction. */
  remove(contentHash: Hash): boolean
}

export interface ArtifactStoreOptions {
  readonly database: SqlDatabase
  /** Rooted at the state folder; large objects become `objects/ab/cdef…`. */
  readonly files: ObjectFiles
  readonly clock: Pick<Clock, 'now'>
}

/**
 * Opens the store in the host's database. A put inside an open transaction commits with it; a large object's file is
 * durable before, and stays unreferenced when the transaction is rolled back.
 * Codes: ARTIFACT_MISSING, ARTIFACT_HASH_MISMATCH, ARTIFACT_INVALID, ARTIFACT_STORE_FAILED, ARTIFACT_STORE_VERSION
 * (spec 04 section 1, CJ-032, CJ-039).
 */
export function openArtifactStore({ database, files, clock }: ArtifactStoreOptions): ListableArtifactStore {
  storing('Opening the artifact store', () => prepareTables(database))
  // The update repairs an object somebody edited, and writes nothing when it is whole.
  const upsert = database.prepare(
    `INSERT INTO artifact_object (content_hash, size_bytes, stored_at, bytes, kind, sensitivity, exportable)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (content_hash) DO UPDATE SET size_bytes = excluded.size_bytes, bytes = excluded.bytes, ${STRICTER_LABEL}
     WHERE size_bytes IS NOT excluded.size_bytes OR bytes IS NOT excluded.bytes OR ${LABEL_CHANGES}`,
  )
  const selectLabel = database.prepare(
    'SELECT kind, sensitivity, exportable FROM artifact_object WHERE content_hash = ?',
  )
  const select = database.prepare('SELECT size_bytes, bytes FROM artifact_object WHERE content_hash = ?')
  const removeRow = database.prepare('DELETE FROM artifact_object WHERE content_hash = ?')
  // Without the bytes: asked for thousands of objects in a row.
  const selectPlace = database.prepare(
    'SELECT size_bytes, bytes IS NOT NULL AS is_inline FROM artifact_object WHERE content_hash = ?',
  )

  function put(bytes: Uint8Array, options: ArtifactOptions): ArtifactHandle {
    checkOptions(bytes, options)
    const contentHash = bytesHash(bytes)
    const isInline = bytes.length <= INLINE_LIMIT_BYTES
    const handle = handleOf(contentHash, bytes.length, options)
    storing('Storing an object', () => {
      if (!isInline && !isWhole(contentHash)) files.writeAtomic(objectPath(FOLDER, contentHash), bytes)
      const stored = isInline ? bytes : null
      upsert.run(contentHash, bytes.length, Math.floor(clock.now()), stored, ...labelValues(handle))
    })
    return handle
  }

  function get(contentHash: string): Uint8Array {
    const bytes = storing('Reading an object', () => read(contentHash))
    if (!bytes) throw new ArtifactError('ARTIFACT_MISSING', `No object ${short(contentHash)} is stored.`)
    if (!hashesEqual(bytesHash(bytes), contentHash)) {
      throw new ArtifactError(
        'ARTIFACT_HASH_MISMATCH',
        `The stored object ${short(contentHash)} has other bytes than its name says.`,
      )
    }
    return bytes
  }

  function read(contentHash: string): Uint8Array | undefined {
    const path = objectPath(FOLDER, contentHash)
    const row = select.get(contentHash)
    if (!row) return undefined
    const { bytes, size_bytes: size } = row
    if (bytes instanceof Uint8Array) return bytes
    if (size === 0) return new Uint8Array()
    // One byte more than expected shows a longer file without reading all of it. The row may be edited, hence the bounds.
    return files.read(path, Math.min(Math.max(Number(size), 0), MAX_OBJECT_BYTES) + 1)
  }

  function isWhole(contentHash: string): boolean {
    const bytes = files.read(objectPath(FOLDER, contentHash), MAX_OBJECT_BYTES + 1)
    return bytes !== undefined && bytesHash(bytes) === contentHash
  }

  function has(contentHash: string): boolean {
    return storing('Looking up an object', () => {
      const path = objectPath(FOLDER, contentHash)
      const row = selectPlace.get(contentHash)
      return row !== undefined && (row['is_inline'] === 1 || row['size_bytes'] === 0 || files.exists(path))
    })
  }

  function* list(): IterableIterator<StoredObject> {
    const rows = database
      .prepare(
        `SELECT content_hash, size_bytes, stored_at, bytes IS NULL AND size_bytes > 0 AS in_file
         FROM artifact_object ORDER BY content_hash`,
      )
      .iterate()
    for (const { content_hash, size_bytes, stored_at, in_file } of rows) {
      yield {
        content_hash: String(content_hash),
        size_bytes: Number(size_bytes),
        stored_at: Number(stored_at),
        place: in_file === 1 ? 'file' : 'database',
      }
    }
  }

  function remove(contentHash: string): boolean {
    return storing('Removing an object', () => {
      files.remove(objectPath(FOLDER, contentHash))
      return Number(removeRow.run(contentHash).changes) > 0
    })
  }

  return { put, get, has, list, remove, label: (contentHash) => labelOf(selectLabel.get(contentHash)) }
}

function short(contentHash: string): string {
  return `${contentHash.slice(0, 12)}…`
}
