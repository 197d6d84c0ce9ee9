import type { SqlDatabase } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/contracts/primitives'

// Vectors are kept by the hash of the text they stand for and the embedder that made them: another model or other settings
// are another embedder, and equal texts are embedded once. The text itself stays in the workspace.
const TABLES = `
  CREATE TABLE IF NOT EXISTS vector_text (
    embedder TEXT NOT NULL, text_hash TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (embedder, text_hash)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS vector_chunk (
    embedder TEXT NOT NULL, path TEXT NOT NULL, start_line INTEGER NOT NULL, end_line INTEGER NOT NULL,
    source_hash TEXT NOT NULL, code_units INTEGER NOT NULL, text_hash TEXT NOT NULL,
    PRIMARY KEY (embedder, path, start_line)
  ) STRICT, WITHOUT ROWID;
`

/** Where a vector stands: lines of a file, and the hash the file had when they were embedded (ACE-061). */
export interface VectorChunk {
  readonly path: string
  readonly start: number
  readonly end: number
  readonly sourceHash: Hash
  readonly codeUnits: number
  readonly textHash: Hash
}

export interface VectorStore {
  has(textHash: Hash): boolean
  vector(textHash: Hash): Int8Array | undefined
  keep(textHash: Hash, vector: Int8Array): void
  /** Paths with the hash each was indexed at. */
  sources(): Map<string, Hash>
  replace(path: string, chunks: readonly VectorChunk[]): void
  chunks(): IterableIterator<VectorChunk & { readonly vector: Int8Array }>
}

/** The vectors one embedder made. Tables live in the host's database. */
export function openVectorStore(database: SqlDatabase, embedder: string): VectorStore {
  database.exec(TABLES)
  const select = database.prepare('SELECT vector FROM vector_text WHERE embedder = ? AND text_hash = ?')
  const insertText = database.prepare('INSERT OR REPLACE INTO vector_text VALUES (?, ?, ?)')
  const insertChunk = database.prepare('INSERT INTO vector_chunk VALUES (?, ?, ?, ?, ?, ?, ?)')
  const deleteChunks = database.prepare('DELETE FROM vector_chunk WHERE embedder = ? AND path = ?')
  const vector = (textHash: Hash) => vectorOf(select.get(embedder, textHash)?.vector)
  return {
    has: (textHash) => vector(textHash) !== undefined,
    vector,
    keep(textHash, { buffer, byteOffset, length }) {
      insertText.run(embedder, textHash, new Uint8Array(buffer, byteOffset, length))
    },
    sources() {
      const rows = database.prepare('SELECT DISTINCT path, source_hash FROM vector_chunk WHERE embedder = ?')
      return new Map(rows.all(embedder).map((row) => [String(row.path), String(row.source_hash)]))
    },
    replace(path, chunks) {
      deleteChunks.run(embedder, path)
      for (const { start, end, sourceHash, codeUnits, textHash } of chunks) {
        insertChunk.run(embedder, path, start, end, sourceHash, codeUnits, textHash)
      }
    },
    *chunks() {
      const rows = database.prepare(
        'SELECT c.*, t.vector FROM vector_chunk c JOIN vector_text t USING (embedder, text_hash) WHERE c.embedder = ?',
      )
      for (const row of rows.iterate(embedder)) {
        const found = vectorOf(row.vector)
        if (!found) continue
        yield {
          path: String(row.path),
          start: Number(row.start_line),
          end: Number(row.end_line),
          sourceHash: String(row.source_hash),
          codeUnits: Number(row.code_units),
          textHash: String(row.text_hash),
          vector: found,
        }
      }
    },
  }
}

function vectorOf(value: unknown): Int8Array | undefined {
  return value instanceof Uint8Array ? new Int8Array(value.buffer, value.byteOffset, value.length) : undefined
}
