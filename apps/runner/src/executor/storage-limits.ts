import type { ArtifactStore, SqlDatabase } from '@ctxlock/contracts/ports'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'

/** Bytes that a run may store (spec 08 section 11). */
export const STORAGE_LIMITS = { progress: 10 * 1_048_576, ledger: 50 * 1_048_576, artifacts: 500 * 1_048_576 }

const TABLE = `CREATE TABLE IF NOT EXISTS runner_stored_bytes (
  run_id TEXT PRIMARY KEY, bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID`

/** Counts what the processes of one run put into the store; content that this process put before is not counted again. */
export interface StorageMeter {
  /** The store as the run may use it: a put beyond the limit throws `resource_exhausted`. */
  within<Store extends ArtifactStore>(store: Store): Store
  /** Keeps the count for the process that goes on with the run. Part of the caller's transaction. */
  save(): void
}

export function openStorageMeter(
  database: SqlDatabase,
  runId: string,
  limit: number = STORAGE_LIMITS.artifacts,
): StorageMeter {
  database.exec(TABLE)
  const row = database.prepare('SELECT bytes FROM runner_stored_bytes WHERE run_id = ?').get(runId)
  const put = new Set<string>()
  let stored = Number(row?.['bytes'] ?? 0)
  return {
    within: (store) => ({
      ...store,
      put(bytes, options) {
        if (stored + bytes.length > limit) throw tooLarge('artifacts', limit)
        const handle = store.put(bytes, options)
        if (!put.has(handle.content_hash)) stored += bytes.length
        put.add(handle.content_hash)
        return handle
      },
    }),
    save() {
      database.prepare('INSERT OR REPLACE INTO runner_stored_bytes (run_id, bytes) VALUES (?, ?)').run(runId, stored)
    },
  }
}

export function tooLarge(what: string, limit: number): CommandError {
  return new CommandError({
    exit: EXIT_CODE.failed,
    code: 'resource_exhausted',
    message: `the ${what} of the run would be larger than ${limit} bytes`,
    hint: 'Split the task into several, and run each.',
  })
}
