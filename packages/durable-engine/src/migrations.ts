import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { EngineError } from './engine-error.ts'

/** One entry per schema version; entries are only ever added. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE engine_run (
    run_id TEXT PRIMARY KEY,
    workflow TEXT NOT NULL,
    version TEXT NOT NULL,
    input TEXT NOT NULL,
    input_hash TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'completed', 'failed')),
    outcome TEXT,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    CHECK ((state = 'running') = (outcome IS NULL))
  ) STRICT;
  CREATE INDEX engine_run_started ON engine_run (started_at);
  CREATE INDEX engine_run_unfinished ON engine_run (started_at) WHERE state = 'running';
  CREATE TABLE engine_step (
    run_id TEXT NOT NULL REFERENCES engine_run,
    key TEXT NOT NULL,
    input_hash TEXT NOT NULL,
    result TEXT NOT NULL,
    finished_at INTEGER NOT NULL,
    PRIMARY KEY (run_id, key)
  ) STRICT, WITHOUT ROWID;
  `,
]

/** Brings the engine's own tables to the current version, in one transaction; other packages' tables are not touched. */
export function migrate(database: SqlDatabase): void {
  inTransaction(database, () => {
    database.exec('CREATE TABLE IF NOT EXISTS engine_schema (version INTEGER NOT NULL) STRICT')
    const row = database.prepare('SELECT max(version) AS version FROM engine_schema').get()
    const version = Number(row?.['version'] ?? 0)
    if (version > MIGRATIONS.length) {
      throw new EngineError(
        'SCHEMA_NEWER',
        `Expected engine tables of version ${MIGRATIONS.length} at most, got ${version}: the file was written by a newer release. Use that release.`,
      )
    }
    for (const sql of MIGRATIONS.slice(version)) database.exec(sql)
    if (version < MIGRATIONS.length) {
      database.prepare('INSERT INTO engine_schema (version) VALUES (?)').run(MIGRATIONS.length)
    }
  })
}
