import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import type { SqlDatabase, Timers } from '@ctxlock/contracts/ports'

/** Spec 09: what nothing outside depends on may reach the disk in batches of at most this long. */
const BATCH_MS = 50

/**
 * Writes in one transaction whose commit does not wait for the disk. Whoever reads sees it at once and it survives the death of
 * this process; a power cut within the next 50 ms may take it, and then everything that was written after it as well. Inside an
 * open transaction that one decides.
 */
export type UnsyncedWrites = <Result>(work: () => Result) => Result

export interface UnsyncedWriter {
  readonly write: UnsyncedWrites
  /**
   * Steps that follow each other without a wait, in one commit instead of one for each; every step is still undone by itself when it
   * fails. Does not wait for the disk either, unless the work throws: then what was written until then stays, and is on disk
   * before the exception goes on.
   */
  readonly steps: UnsyncedWrites
  /** To be called when a commit that wrote something has waited for the disk: it took all earlier ones along. */
  synced(): void
  /** Syncs what is still to be synced; the database may be closed then. */
  close(): void
}

/** `giveUp` is told why the disk did not take what was written: the record may then have a hole, and must get no longer. */
export function openUnsyncedWrites(
  database: SqlDatabase,
  timers: Timers,
  giveUp: (reason: unknown) => void,
): UnsyncedWriter {
  let cancel: (() => void) | undefined

  /** Any commit that waits takes all earlier ones along, for the journal is one file; this is the smallest. */
  function sync(): void {
    cancel = undefined
    try {
      database.exec('PRAGMA user_version = 0')
    } catch (error) {
      giveUp(error)
    }
  }

  function withoutWaiting<Result>(work: () => Result): Result {
    database.exec('PRAGMA synchronous = NORMAL')
    try {
      return work()
    } finally {
      database.exec('PRAGMA synchronous = FULL')
      cancel ??= timers.after(BATCH_MS, sync)
    }
  }

  function syncNow(): void {
    if (!cancel) return
    cancel()
    sync()
  }

  return {
    write: (work) =>
      database.isTransaction ? inTransaction(database, work) : withoutWaiting(() => inTransaction(database, work)),
    steps(work) {
      if (database.isTransaction) return work()
      try {
        return withoutWaiting(() => committing(database, work))
      } catch (error) {
        syncNow()
        throw error
      }
    },
    synced() {
      cancel?.()
      cancel = undefined
    },
    close: syncNow,
  }
}

/** Commits what the work did, also when it throws. */
function committing<Result>(database: SqlDatabase, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE')
  try {
    return work()
  } finally {
    // A statement that failed for want of space may have ended the transaction already.
    if (database.isTransaction) commit(database)
  }
}

function commit(database: SqlDatabase): void {
  try {
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
