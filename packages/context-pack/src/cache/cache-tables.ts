import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { migrateTables } from '@ctxlock/contracts/sql-migrations'

import { PackError } from '../pack-error.ts'

/** One entry per version; entries are only ever added. */
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

/**
 * Brings this package's own tables to the current version, in one transaction; nothing is written when they are. Throws
 * `PACK_CACHE_UNSUPPORTED`.
 */
export function prepareCacheTables(database: SqlDatabase): void {
  migrateTables(database, {
    schema: 'context_pack_schema',
    migrations: MIGRATIONS,
    newer: (found, known) =>
      new PackError(
        'PACK_CACHE_UNSUPPORTED',
        `Expected pack tables of version ${known} at most, found ${found}: use the release that wrote them.`,
      ),
  })
}
