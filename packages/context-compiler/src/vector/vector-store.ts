import type { SqlDatabase } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/contracts/primitives'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

// A vector is kept by the hash of the text it stands for: equal texts are embedded once, and the text itself stays in the
// workspace. Everything of one embedder goes when its model turns out to be another.
const TABLES = `
  CREATE TABLE IF NOT EXISTS vector_model (
    embedder TEXT PRIMARY KEY, revision TEXT NOT NULL, probe BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS vector_text (
    embedder TEXT NOT NULL, text_hash TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (embedder, text_hash)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS vector_file (
    embedder TEXT NOT NULL, path TEXT NOT NULL, source_hash TEXT NOT NULL, PRIMARY KEY (embedder, path)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS vector_chunk (
    embedder TEXT NOT NULL, path TEXT NOT NULL, start_line INTEGER NOT NULL, end_line INTEGER NOT NULL,
    code_units INTEGER NOT NULL, text_hash TEXT NOT NULL, PRIMARY KEY (embedder, path, start_line)
  ) STRICT, WITHOUT ROWID;
`

/** What tells one model from another: its own word, and how it embeds a text that never changes. */
export interface VectorModel {
  /** Empty where the server does not say. */
  readonly revision: string
  /** As long as every other vector of the model. */
  readonly probe: Int8Array
}

/** Lines of a file, and the hash of the text that was embedded for them. */
export interface VectorChunk {
  readonly start: number
  readonly end: number
  readonly codeUnits: number
  readonly textHash: Hash
}

/** The windows a file was cut into when it had this hash (ACE-061). */
export interface VectorFile {
  readonly path: string
  readonly sourceHash: Hash
  readonly chunks: readonly VectorChunk[]
}

export interface StoredVector extends VectorChunk {
  readonly path: string
  readonly sourceHash: Hash
  readonly vector: Int8Array
}

export interface VectorStore {
  model(): VectorModel | undefined
  /** Forgets all that the model before it made. */
  startModel(model: VectorModel): void
  has(textHash: Hash): boolean
  vector(textHash: Hash): Int8Array | undefined
  keep(vectors: ReadonlyMap<Hash, Int8Array>): void
  /** Paths with the hash each was embedded at. */
  files(): Map<string, Hash>
  /** Puts files in and takes paths out, all at once. */
  update(files: readonly VectorFile[], gone: Iterable<string>): void
  /** By path and line. */
  vectors(): IterableIterator<StoredVector>
}

/** The vectors one embedder made. Tables live in the host's database. */
export function openVectorStore(database: SqlDatabase, embedder: string): VectorStore {
  database.exec(TABLES)
  const select = database.prepare('SELECT vector FROM vector_text WHERE embedder = ? AND text_hash = ?')
  const insertText = database.prepare('INSERT OR REPLACE INTO vector_text VALUES (?, ?, ?)')
  const insertFile = database.prepare('INSERT INTO vector_file VALUES (?, ?, ?)')
  const insertChunk = database.prepare('INSERT INTO vector_chunk VALUES (?, ?, ?, ?, ?, ?)')
  const deleteFile = database.prepare('DELETE FROM vector_file WHERE embedder = ? AND path = ?')
  const deleteChunks = database.prepare('DELETE FROM vector_chunk WHERE embedder = ? AND path = ?')
  const vector = (textHash: Hash) => vectorOf(select.get(embedder, textHash)?.vector)
  const forget = (path: string) => {
    deleteFile.run(embedder, path)
    deleteChunks.run(embedder, path)
  }
  return {
    model() {
      const row = database.prepare('SELECT revision, probe FROM vector_model WHERE embedder = ?').get(embedder)
      const probe = vectorOf(row?.probe)
      return row && probe && { revision: String(row.revision), probe }
    },
    startModel({ revision, probe }) {
      inTransaction(database, () => {
        for (const table of ['vector_model', 'vector_text', 'vector_file', 'vector_chunk']) {
          database.prepare(`DELETE FROM ${table} WHERE embedder = ?`).run(embedder)
        }
        database.prepare('INSERT INTO vector_model VALUES (?, ?, ?)').run(embedder, revision, bytesOf(probe))
      })
    },
    has: (textHash) => vector(textHash) !== undefined,
    vector,
    keep(vectors) {
      inTransaction(database, () => {
        for (const [textHash, made] of vectors) insertText.run(embedder, textHash, bytesOf(made))
      })
    },
    files() {
      const rows = database.prepare('SELECT path, source_hash FROM vector_file WHERE embedder = ?').all(embedder)
      return new Map(rows.map((row) => [String(row.path), String(row.source_hash)]))
    },
    update(files, gone) {
      inTransaction(database, () => {
        for (const path of gone) forget(path)
        for (const { path, sourceHash, chunks } of files) {
          forget(path)
          insertFile.run(embedder, path, sourceHash)
          for (const { start, end, codeUnits, textHash } of chunks) {
            insertChunk.run(embedder, path, start, end, codeUnits, textHash)
          }
        }
      })
    },
    *vectors() {
      const rows = database.prepare(`
        SELECT c.path, f.source_hash, c.start_line, c.end_line, c.code_units, c.text_hash, t.vector FROM vector_chunk c
        JOIN vector_file f USING (embedder, path) JOIN vector_text t USING (embedder, text_hash)
        WHERE c.embedder = ? ORDER BY c.path, c.start_line`)
      for (const row of rows.iterate(embedder)) {
        const found = vectorOf(row.vector)
        if (!found) continue
        yield {
          path: String(row.path),
          sourceHash: String(row.source_hash),
          start: Number(row.start_line),
          end: Number(row.end_line),
          codeUnits: Number(row.code_units),
          textHash: String(row.text_hash),
          vector: found,
        }
      }
    },
  }
}

function bytesOf({ buffer, byteOffset, length }: Int8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length)
}

function vectorOf(value: unknown): Int8Array | undefined {
  return value instanceof Uint8Array ? new Int8Array(value.buffer, value.byteOffset, value.length) : undefined
}
