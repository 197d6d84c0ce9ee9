import type { SqlDatabase } from './ports.ts'
import { inTransaction } from './sql-transaction.ts'

/** The tables that one package owns in a database it shares with others. */
export interface OwnedTables {
  /** The table that keeps their version. */
  readonly schema: string
  /** SQL that leads from each version to the next; entries are only ever added. */
  readonly migrations: readonly string[]
  /** What is thrown for tables of a newer release. */
  newer(found: number, known: number): Error
}

/**
 * Brings a package's own tables to the current version, in one transaction; nothing is written when they are, so that a read-only
 * database can be opened. Throws what `newer` makes of a version this release does not know.
 */
export function migrateTables(database: SqlDatabase, { schema, migrations, newer }: OwnedTables): void {
  const known = migrations.length
  if (versionOf(database, schema) === known) return
  inTransaction(database, () => {
    // Another process may have been first.
    const version = versionOf(database, schema)
    if (version > known) throw newer(version, known)
    database.exec(`CREATE TABLE IF NOT EXISTS ${schema} (version INTEGER NOT NULL) STRICT`)
    for (const sql of migrations.slice(version)) database.exec(sql)
    if (version < known) database.prepare(`INSERT INTO ${schema} (version) VALUES (?)`).run(known)
  })
}

function versionOf(database: SqlDatabase, schema: string): number {
  const table = database.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?`).get(schema)
  const row = table && database.prepare(`SELECT max(version) AS version FROM ${schema}`).get()
  return Number(row?.['version'] ?? 0)
}
