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
  /** To be called when a commit that wrote something has waited for the disk: it took all earlier ones along. */
  synced(): void
  /** Syncs what is still to be synced; the database may be closed then. */
  close(): void
}

/** `giveUp` is called when the disk did not take what was written: the record may then have a hole, and must get no longer. */
export function openUnsyncedWrites(database: SqlDatabase, timers: Timers, giveUp: () => void): UnsyncedWriter {
  let cancel: (() => void) | undefined

  /** Any commit that waits takes all earlier ones along, for the journal is one file; this is the smallest. */
  function sync(): void {
    cancel = undefined
    try {
      database.exec('PRAGMA user_version = 0')
    } catch {
      giveUp()
    }
  }

  return {
    write(work) {
      if (database.isTransaction) return inTransaction(database, work)
      database.exec('PRAGMA synchronous = NORMAL')
      try {
        return inTransaction(database, work)
      } finally {
        database.exec('PRAGMA synchronous = FULL')
        cancel ??= timers.after(BATCH_MS, sync)
      }
    },
    synced() {
      cancel?.()
      cancel = undefined
    },
    close() {
      if (!cancel) return
      cancel()
      sync()
    },
  }
}
