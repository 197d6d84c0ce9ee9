import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { KEY_INDEXES, KEY_TABLE } from './event-keys.ts'
import { RecorderError } from './recorder-error.ts'

const VERSION = 1

/** `prev_hash` of the first event, and `last_hash` of an empty log (REC-008). */
export const GENESIS_HASH = '0'.repeat(64)

// `event` is the canonical text of an event without its event_hash: the bytes that are hashed, and the leaf of a later tree.
// The triggers stop our own mistakes, not an attacker; verify is for that.
const TABLES = `
  CREATE TABLE IF NOT EXISTS flight_event (
    seq INTEGER PRIMARY KEY,
    event TEXT NOT NULL,
    event_hash TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER IF NOT EXISTS flight_event_keeps BEFORE UPDATE ON flight_event
    BEGIN SELECT RAISE(ABORT, 'flight_event is append-only'); END;
  CREATE TRIGGER IF NOT EXISTS flight_event_stays BEFORE DELETE ON flight_event
    BEGIN SELECT RAISE(ABORT, 'flight_event is append-only'); END;
  CREATE TABLE IF NOT EXISTS flight_violation (
    idempotency_key TEXT PRIMARY KEY NOT NULL,
    seq INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS flight_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    count INTEGER NOT NULL,
    last_hash TEXT NOT NULL
  ) STRICT;
  INSERT OR IGNORE INTO flight_head (id, version, count, last_hash) VALUES (1, ${VERSION}, 0, '${GENESIS_HASH}');
  ${KEY_TABLE}
  ${KEY_INDEXES}
`

/** Makes the tables on first use. Writes nothing when they are there, so that a read-only state can be opened. */
export function prepareTables(database: SqlDatabase): void {
  if (!hasLog(database)) inTransaction(database, () => database.exec(TABLES))
  const version = Number(database.prepare('SELECT version FROM flight_head WHERE id = 1').get()?.['version'])
  if (version !== VERSION) {
    throw new RecorderError(
      'HSK-409-LOG-VERSION',
      `Expected a log of version ${VERSION}, found ${version}: use a newer ctxlock.`,
    )
  }
}

/** True when a log was ever begun in this database. */
export function hasLog(database: SqlDatabase): boolean {
  return (
    database.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'flight_head'`).get() !== undefined
  )
}

/** How far the log reaches, as the database says it. */
export interface DatabaseHead {
  readonly count: number
  readonly lastHash: string
}

export function headReader(database: SqlDatabase): () => DatabaseHead {
  const select = database.prepare('SELECT count, last_hash FROM flight_head WHERE id = 1')
  return () => {
    const row = select.get()
    const lastHash = row?.['last_hash']
    return { count: Number(row?.['count'] ?? 0), lastHash: typeof lastHash === 'string' ? lastHash : GENESIS_HASH }
  }
}
