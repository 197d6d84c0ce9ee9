import type { RandomSource, SqlDatabase } from '@ctxlock/contracts/ports'
import type { Hash } from '@ctxlock/contracts/primitives'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

import { KEY_INDEXES, KEY_TABLE } from './event-keys.ts'
import { RecorderError } from './recorder-error.ts'

// 1 was written before there was a tree, 2 before a text could be erased, 3 while the head kept the tree's right edge.
const VERSION = 4

/** `prev_hash` of the first event, and `last_hash` of an empty log (REC-008). */
export const GENESIS_HASH = '0'.repeat(64)

// `event` is the canonical text of an event without its event_hash, which is its hash and what its leaf commits to; NULL when the
// text was erased. The hash stands first, so that a walk over hashes need not read the texts. The triggers stop our own mistakes, not an attacker; verify is for that.
const TABLES = `
  CREATE TABLE IF NOT EXISTS flight_event (
    seq INTEGER PRIMARY KEY,
    event_hash TEXT NOT NULL,
    event TEXT
  ) STRICT;
  CREATE TRIGGER IF NOT EXISTS flight_event_keeps BEFORE UPDATE ON flight_event
    WHEN new.event IS NOT NULL OR new.seq IS NOT old.seq OR new.event_hash IS NOT old.event_hash
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
    origin TEXT NOT NULL,
    count INTEGER NOT NULL,
    last_hash TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS flight_tile (
    level INTEGER NOT NULL,
    tile INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, tile)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS flight_checkpoint (
    size INTEGER PRIMARY KEY,
    note TEXT NOT NULL
  ) STRICT;
  ${KEY_TABLE}
  ${KEY_INDEXES}
`

/**
 * Makes the tables on first use, with an origin of their own for the checkpoints. Writes nothing when they are there, so that
 * a read-only state can be opened. Codes: HSK-409-LOG-VERSION, HSK-409-LOG-DIVERGED.
 */
export function prepareTables(database: SqlDatabase, random: Pick<RandomSource, 'uuid'>): void {
  if (!hasLog(database)) {
    inTransaction(database, () => {
      database.exec(TABLES)
      database
        .prepare('INSERT OR IGNORE INTO flight_head VALUES (1, ?, ?, 0, ?)')
        .run(VERSION, `ctxlock.local/${random.uuid()}`, GENESIS_HASH)
    })
  }
  checkLogVersion(database)
  if (readHeadRow(database)) return
  throw new RecorderError(
    'HSK-409-LOG-DIVERGED',
    'The head of the log was taken away; nothing was appended: run verify.',
  )
}

/**
 * Refuses a log whose tables are of another version. There is nothing to refuse where there is no log, and whoever took its head
 * away left what can be verified. Code: HSK-409-LOG-VERSION.
 */
export function checkLogVersion(database: SqlDatabase): void {
  // Nothing else of the head: that of the first versions had no name.
  const head = hasLog(database) ? database.prepare('SELECT version FROM flight_head').get() : undefined
  const version = Number(head?.['version'] ?? VERSION)
  if (version === VERSION) return
  const remedy =
    version < VERSION
      ? 'it is older than the first release and is not converted; rename the state folder to keep it, and a new log begins'
      : 'use a newer ctxlock'
  throw new RecorderError('HSK-409-LOG-VERSION', `Expected a log of version ${VERSION}, found ${version}: ${remedy}.`)
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
  readonly lastHash: Hash
}

/** `count` is SQL for the number of events: who appends must fail on one that JavaScript has not, who verifies must not. */
export function headReader(database: SqlDatabase, count = 'count'): () => DatabaseHead {
  const select = database.prepare(`SELECT ${count} AS count, last_hash FROM flight_head WHERE id = 1`)
  return () => {
    const { count = 0, last_hash = GENESIS_HASH } = select.get() ?? {}
    return { count: Number(count), lastHash: String(last_hash) }
  }
}

/** Under which name the checkpoints of this log are signed. */
export function originOf(database: SqlDatabase): string {
  return String(readHeadRow(database)?.['origin'])
}

function readHeadRow(database: SqlDatabase) {
  return database.prepare('SELECT version, origin FROM flight_head WHERE id = 1').get()
}
