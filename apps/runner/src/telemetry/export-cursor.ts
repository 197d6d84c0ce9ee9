import type { SqlDatabase } from '@ctxlock/contracts/ports'

/** How far the log was sent to one place in one convention. */
export interface ExportCursor {
  /** Position of the last event that was sent; 0 before the first. */
  read(): number
  /** Never goes back: another process may have sent more meanwhile. */
  advance(seq: number): void
}

const TABLE = `CREATE TABLE IF NOT EXISTS runner_telemetry_cursor (
  endpoint TEXT NOT NULL, convention TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (endpoint, convention)
) STRICT, WITHOUT ROWID`

export function openExportCursor(database: SqlDatabase, endpoint: string, convention: string): ExportCursor {
  database.exec(TABLE)
  const select = database.prepare('SELECT seq FROM runner_telemetry_cursor WHERE endpoint = ? AND convention = ?')
  const upsert = database.prepare(
    `INSERT INTO runner_telemetry_cursor (endpoint, convention, seq) VALUES (?, ?, ?)
     ON CONFLICT (endpoint, convention) DO UPDATE SET seq = max(seq, excluded.seq)`,
  )
  return {
    read: () => Number(select.get(endpoint, convention)?.['seq'] ?? 0),
    advance: (seq) => void upsert.run(endpoint, convention, seq),
  }
}
