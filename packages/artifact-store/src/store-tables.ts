import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { ArtifactError } from './artifact-error.ts'

const VERSION = 1

const TABLES = `
  CREATE TABLE IF NOT EXISTS artifact_store (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS artifact_object (
    content_hash TEXT PRIMARY KEY NOT NULL,
    size_bytes INTEGER NOT NULL,
    stored_at INTEGER NOT NULL,
    bytes BLOB -- NULL: the object has a file of its own
  ) STRICT;
  INSERT OR IGNORE INTO artifact_store (id, version) VALUES (1, ${VERSION});
`

/** Makes the tables on first use. Writes nothing when they are there, so that a read-only state can be opened. */
export function prepareTables(database: SqlDatabase): void {
  const found = readVersion(database) ?? inTransaction(database, () => (database.exec(TABLES), VERSION))
  if (found !== VERSION) {
    throw new ArtifactError(
      'ARTIFACT_STORE_VERSION',
      `Expected tables of version ${VERSION}, found ${found}: use a newer ctxlock.`,
    )
  }
}

function readVersion(database: SqlDatabase): number | undefined {
  const table = database.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'artifact_store'`).get()
  const row = table && database.prepare('SELECT version FROM artifact_store').get()
  return row ? Number(row['version']) : undefined
}
