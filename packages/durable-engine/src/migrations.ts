import { EngineError } from '@ctxlock/contracts/engine'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { migrateTables } from '@ctxlock/contracts/sql-migrations'

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
  // Runs can wait, be cancelled and belong to a process; everything that happened to a run is an entry of its journal.
  `
  ALTER TABLE engine_run RENAME TO engine_run_1;
  DROP INDEX engine_run_started;
  DROP INDEX engine_run_unfinished;
  CREATE TABLE engine_run (
    number INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL UNIQUE,
    workflow TEXT NOT NULL,
    version TEXT NOT NULL,
    line TEXT NOT NULL,
    input TEXT NOT NULL,
    input_hash TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'running', 'waiting', 'completed', 'failed', 'cancelled')),
    owner TEXT,
    waits TEXT,
    due INTEGER,
    reason TEXT,
    outcome TEXT,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    CHECK ((state = 'running') = (owner IS NOT NULL)),
    CHECK ((state IN ('completed', 'failed')) = (outcome IS NOT NULL)),
    CHECK ((state IN ('completed', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
    CHECK (due IS NULL OR state = 'waiting')
  ) STRICT;
  CREATE INDEX engine_run_pending ON engine_run (number, line, run_id) WHERE state = 'pending';
  CREATE INDEX engine_run_running ON engine_run (owner) WHERE state = 'running';
  CREATE INDEX engine_run_due ON engine_run (due) WHERE due IS NOT NULL;
  CREATE TABLE engine_journal (
    run_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    input_hash TEXT NOT NULL,
    result TEXT NOT NULL,
    written_at INTEGER NOT NULL,
    PRIMARY KEY (run_id, kind, key)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO engine_run (run_id, workflow, version, line, input, input_hash, state, outcome, started_at, finished_at)
    SELECT run_id, workflow, version, workflow || '@' || substr(version, 1, instr(version || '.', '.') - 1), input, input_hash,
      CASE state WHEN 'running' THEN 'pending' ELSE state END, outcome, started_at, finished_at
    FROM engine_run_1 ORDER BY started_at, run_id;
  INSERT INTO engine_journal SELECT run_id, 'step', key, input_hash, result, finished_at FROM engine_step;
  DROP TABLE engine_step;
  DROP TABLE engine_run_1;
  `,
]

/**
 * Brings the engine's own tables to the current version, in one transaction; nothing is written when they are, and other packages'
 * tables are not touched. Throws `SCHEMA_NEWER`.
 */
export function migrate(database: SqlDatabase): void {
  migrateTables(database, {
    schema: 'engine_schema',
    migrations: MIGRATIONS,
    newer: (found, known) =>
      new EngineError(
        'SCHEMA_NEWER',
        `Expected engine tables of version ${known} at most, got ${found}: the file was written by a newer release. Use that release.`,
      ),
  })
}
