import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { canonicalHash } from '@ctxlock/core-hash'

import { TOKENS_VERSION } from './tokens.ts'

/** Names everything the same files could be indexed differently by. Another format means a rebuild: the index is derived. */
export const INDEX_FORMAT = `lexical@3/${TOKENS_VERSION}`

// Sorted words only: the text itself stays in the workspace. FTS5 keeps a copy of them, because without one it would go on
// counting deleted windows, and an index with a history would score unlike one built anew. `ascii` splits our tokens at
// spaces alone. `hashsize` is what FTS5 may hold in memory before it writes. `secure-delete`: the words of a file that went would
// otherwise stay in it until it merges, also when the database is written anew.
const TABLES = `
  CREATE TABLE lexical_index (
    singleton INTEGER PRIMARY KEY CHECK (singleton = 1), format TEXT NOT NULL, corpus_hash TEXT NOT NULL
  ) STRICT;
  CREATE TABLE lexical_file (
    file_id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, file_hash TEXT NOT NULL, content_key TEXT NOT NULL
  ) STRICT;
  CREATE TABLE lexical_chunk (
    chunk_id INTEGER PRIMARY KEY, file_id INTEGER NOT NULL, start_line INTEGER NOT NULL, end_line INTEGER NOT NULL,
    code_units INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX lexical_chunk_of_file ON lexical_chunk (file_id);
  CREATE VIRTUAL TABLE lexical_text USING fts5(path, symbols, body, tokenize='ascii');
  INSERT INTO lexical_text (lexical_text, rank) VALUES ('hashsize', 16777216);
  INSERT INTO lexical_text (lexical_text, rank) VALUES ('secure-delete', 1);
`
const DROPPED = ['lexical_index', 'lexical_file', 'lexical_chunk', 'lexical_text']

/** Makes the index's tables, empty, unless they are there in the present format. */
export function prepareIndex(database: SqlDatabase): void {
  if (readIndexRow(database)?.format === INDEX_FORMAT) return
  inTransaction(database, () => {
    for (const table of DROPPED) database.exec(`DROP TABLE IF EXISTS ${table}`)
    database.exec(TABLES)
    const row = database.prepare('INSERT INTO lexical_index (singleton, format, corpus_hash) VALUES (1, ?, ?)')
    row.run(INDEX_FORMAT, canonicalHash([]))
  })
}

/** Format and corpus hash of the index, or undefined when there is none. */
export function readIndexRow(
  database: SqlDatabase,
): { readonly format: string; readonly corpusHash: string } | undefined {
  const exists = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'lexical_index'").get()
  const row = exists && database.prepare('SELECT format, corpus_hash FROM lexical_index').get()
  if (typeof row?.format !== 'string' || typeof row.corpus_hash !== 'string') return undefined
  return { format: row.format, corpusHash: row.corpus_hash }
}
