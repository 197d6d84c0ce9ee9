export const SCHEDULER_TABLES = `
  CREATE TABLE IF NOT EXISTS scheduler_owner (owner TEXT PRIMARY KEY, seen_at INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS scheduler_call (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, call_id TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, session_id TEXT NOT NULL,
    provider_id TEXT NOT NULL, model_id TEXT NOT NULL, lane TEXT NOT NULL, rank INTEGER NOT NULL, state TEXT NOT NULL,
    call TEXT NOT NULL, enqueued_at INTEGER NOT NULL, backoff_until INTEGER, attempts INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX IF NOT EXISTS scheduler_call_queue ON scheduler_call (state, lane, provider_id, model_id, rank, seq);
  CREATE TABLE IF NOT EXISTS scheduler_lane (lane TEXT PRIMARY KEY, pass INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS scheduler_bucket (
    provider_id TEXT PRIMARY KEY, requests REAL NOT NULL, tokens REAL NOT NULL, at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS scheduler_hold (
    hold_id TEXT PRIMARY KEY, owner TEXT NOT NULL, model_id TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS scheduler_closed (provider_id TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT;
`
