import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { PackError } from '../pack-error.ts'

const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE context_pack (
    source_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    reuse_key TEXT NOT NULL,
    record TEXT NOT NULL,
    token_counter TEXT,
    tokens INTEGER,
    PRIMARY KEY (source_id, version)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX context_pack_reuse ON context_pack (reuse_key);
  `,
  // With rowids, because rows of over a kilobyte make a tree of keys three times as large; and with the hashes a lock states, so
  // that a lock can be made without reading a record.
  `
  ALTER TABLE context_pack RENAME TO context_pack_1;
  DROP INDEX context_pack_reuse;
  CREATE TABLE context_pack (
    source_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    reuse_key TEXT NOT NULL,
    pack_id TEXT NOT NULL,
    payload_hash TEXT NOT NULL,
    record TEXT NOT NULL,
    token_counter TEXT,
    tokens INTEGER,
    UNIQUE (source_id, version)
  ) STRICT;
  INSERT INTO context_pack (source_id, version, reuse_key, pack_id, payload_hash, record, token_counter, tokens)
    SELECT source_id, version, reuse_key, record ->> '$.pack_id', record ->> '$.payload_hash', record, token_counter, tokens
    FROM context_pack_1 WHERE json_valid(record) AND record ->> '$.pack_id' IS NOT NULL AND record ->> '$.payload_hash' IS NOT NULL;
  DROP TABLE context_pack_1;
  CREATE INDEX context_pack_reuse ON context_pack (reuse_key);
  `,
]

/** Brings this package's own tables to the current version, in one transaction; nothing is written when they are. */
export function prepareCacheTables(database: SqlDatabase): void {
  if (versionOf(database) === MIGRATIONS.length) return
  inTransaction(database, () => {
    const version = versionOf(database)
    if (version > MIGRATIONS.length) {
      throw new PackError(
        'PACK_CACHE_UNSUPPORTED',
        `Expected pack tables of version ${MIGRATIONS.length} at most, found ${version}: use the release that wrote them.`,
      )
    }
    database.exec('CREATE TABLE IF NOT EXISTS context_pack_schema (version INTEGER NOT NULL) STRICT')
    for (const sql of MIGRATIONS.slice(version)) database.exec(sql)
    database.prepare('INSERT INTO context_pack_schema (version) VALUES (?)').run(MIGRATIONS.length)
  })
}

function versionOf(database: SqlDatabase): number {
  const table = database
    .prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'context_pack_schema'`)
    .get()
  const row = table && database.prepare('SELECT max(version) AS version FROM context_pack_schema').get()
  return Number(row?.['version'] ?? 0)
}
