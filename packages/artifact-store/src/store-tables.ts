import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { ArtifactError } from './artifact-error.ts'

const VERSION = 2

/** Since version 2. NULL: an older version stored the object, and nobody knows. */
const LABEL_COLUMNS = ['kind TEXT', 'sensitivity INTEGER', 'exportable INTEGER']

const TABLES = `
  CREATE TABLE IF NOT EXISTS artifact_store (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS artifact_object (
    content_hash TEXT PRIMARY KEY NOT NULL,
    size_bytes INTEGER NOT NULL,
    stored_at INTEGER NOT NULL,
    bytes BLOB, -- NULL: the object has a file of its own
    ${LABEL_COLUMNS.join(',\n    ')}
  ) STRICT;
  INSERT OR IGNORE INTO artifact_store (id, version) VALUES (1, ${VERSION});
`

/** Makes the tables on first use. Writes nothing when they are there, so that a read-only state can be opened. */
export function prepareTables(database: SqlDatabase): void {
  const found = readVersion(database)
  if (found === undefined) inTransaction(database, () => database.exec(TABLES))
  else if (found === 1) inTransaction(database, () => addLabels(database))
  else if (found !== VERSION) throw unsupported(found)
}

/** Another process may have been first. */
function addLabels(database: SqlDatabase): void {
  if (readVersion(database) !== 1) return
  for (const column of LABEL_COLUMNS) database.exec(`ALTER TABLE artifact_object ADD COLUMN ${column}`)
  database.exec(`UPDATE artifact_store SET version = ${VERSION}`)
}

function unsupported(found: number): ArtifactError {
  return new ArtifactError(
    'ARTIFACT_STORE_VERSION',
    `Expected tables of version ${VERSION}, found ${found}: use a newer ctxlock.`,
  )
}

function readVersion(database: SqlDatabase): number | undefined {
  const table = database.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'artifact_store'`).get()
  const row = table && database.prepare('SELECT version FROM artifact_store').get()
  return row ? Number(row['version']) : undefined
}
