import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { migrateTables } from '@ctxlock/contracts/sql-migrations'

import { GovernanceError } from './governance-error.ts'

/** One entry per version; entries are only ever added. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE governance_profile (
    profile_id TEXT PRIMARY KEY,
    profile_hash TEXT NOT NULL,
    profile TEXT NOT NULL,
    pinned_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE governance_profile_selection (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    profile_id TEXT NOT NULL REFERENCES governance_profile,
    selected_at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE governance_job_profile (
    job_id TEXT PRIMARY KEY,
    profile_id TEXT NOT NULL REFERENCES governance_profile,
    bound_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE consent_receipt (
    receipt_id TEXT PRIMARY KEY,
    receipt TEXT NOT NULL,
    plan TEXT NOT NULL,
    stored_at TEXT NOT NULL,
    revoked_at TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE consent_use (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    receipt_id TEXT NOT NULL REFERENCES consent_receipt,
    request_id TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    session_id TEXT,
    payload_sha256 TEXT NOT NULL,
    payload_bytes INTEGER NOT NULL,
    used_at TEXT NOT NULL,
    -- The receipt id for SINGLE_CALL, NULL for wider scopes: a second use cannot be stored, whatever the code does.
    single_use_of TEXT UNIQUE
  ) STRICT;
  CREATE INDEX consent_use_receipt ON consent_use (receipt_id);
  CREATE INDEX consent_use_job ON consent_use (job_id);
  CREATE INDEX consent_use_request ON consent_use (request_id);
  `,
  `
  CREATE TABLE token_budget (
    budget_id TEXT PRIMARY KEY,
    limit_tokens INTEGER NOT NULL,
    opened_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE token_reservation (
    call_id TEXT PRIMARY KEY,
    budget_id TEXT NOT NULL REFERENCES token_budget,
    run_id TEXT NOT NULL,
    reserved_tokens INTEGER NOT NULL,
    reserved_at TEXT NOT NULL,
    -- What the call cost; NULL while it may still be under way.
    charged_tokens INTEGER,
    settled_at TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX token_reservation_budget ON token_reservation (budget_id);
  `,
  `
  CREATE TABLE consent_request (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id TEXT NOT NULL UNIQUE,
    session_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    payload_sha256 TEXT NOT NULL,
    content TEXT NOT NULL,
    -- The answer, for or against; the first one stands.
    receipt_id TEXT REFERENCES consent_receipt
  ) STRICT;
  CREATE INDEX consent_request_session ON consent_request (session_id);
  CREATE INDEX consent_request_run ON consent_request (run_id);
  `,
  `
  CREATE TABLE cost_budget (
    budget_id TEXT PRIMARY KEY,
    limit_micro_usd INTEGER,
    opened_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE cost_entry (
    call_id TEXT PRIMARY KEY,
    budget_id TEXT NOT NULL REFERENCES cost_budget,
    owner_id TEXT NOT NULL,
    -- The most the call may cost; NULL for a model without a price.
    reserved_micro_usd INTEGER,
    reserved_at TEXT NOT NULL,
    -- NULL while the call may be under way, and where nobody knows what it cost.
    charged_micro_usd INTEGER,
    settled_at TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX cost_entry_budget ON cost_entry (budget_id);
  `,
]

/**
 * Brings this package's own tables to the current version, in one transaction; nothing is written when they are. Throws
 * `TABLES_NEWER`.
 */
export function prepareTables(database: SqlDatabase): void {
  migrateTables(database, {
    schema: 'governance_schema',
    migrations: MIGRATIONS,
    newer: (found, known) =>
      new GovernanceError(
        'TABLES_NEWER',
        `Expected governance tables of version ${known} at most, found ${found}: use the release that wrote them.`,
      ),
  })
}
