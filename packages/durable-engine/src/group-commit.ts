import { EngineError } from '@ctxlock/contracts/engine'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'

export interface GroupCommit {
  /**
   * What `work` returned, once it is durable. Its writes stand or fall together; a throw undoes them and nothing else. `unsynced`
   * work does not wait for the disk where the host can commit so.
   */
  write<Result>(work: () => Result, options?: WriteOptions): Promise<Result>
}

export interface WriteOptions {
  readonly unsynced?: boolean
}

/** Makes a transaction of `work`. */
export type Commit = <Result>(work: () => Result) => Result

interface Write extends Required<WriteOptions> {
  /** Does the work, or throws; the returned function tells whoever waits, after the commit. */
  attempt(): () => void
  refuse(error: unknown): void
}

/** Everything that is written in the same turn of the microtask queue shares one commit: the disk is the cost, not the rows. */
export function groupCommit(database: SqlDatabase, unsynced?: Commit): GroupCommit {
  const synced: Commit = (work) => inTransaction(database, work)
  const begin = database.prepare('SAVEPOINT write')
  const keep = database.prepare('RELEASE write')
  const undo = database.prepare('ROLLBACK TO write')
  let queue: Write[] = []

  function flush(): void {
    const batch = queue
    queue = []
    try {
      // Inside a transaction of the host a result would be called durable before it is.
      if (database.isTransaction) throw insideTransaction()
      const commit = batch.every((write) => write.unsynced) ? (unsynced ?? synced) : synced
      const told = commit(() => batch.map((write) => attemptOne(write)))
      for (const tell of told) tell()
    } catch (error) {
      for (const write of batch) write.refuse(error)
    }
  }

  function attemptOne(write: Write): () => void {
    begin.run()
    try {
      return write.attempt()
    } catch (error) {
      // A full disk can end the whole transaction in the middle: what came before in the batch is undone as well.
      if (!database.isTransaction) throw error
      undo.run()
      return () => write.refuse(error)
    } finally {
      if (database.isTransaction) keep.run()
    }
  }

  return {
    write<Result>(work: () => Result, options: WriteOptions = {}): Promise<Result> {
      const { promise, resolve, reject } = Promise.withResolvers<Result>()
      if (queue.length === 0) queueMicrotask(flush)
      queue.push({
        unsynced: options.unsynced === true,
        attempt() {
          const result = work()
          return () => resolve(result)
        },
        refuse: reject,
      })
      return promise
    },
  }
}

function insideTransaction(): EngineError {
  return new EngineError(
    'INSIDE_TRANSACTION',
    'Expected no open transaction on the connection of the engine. Commit before awaiting.',
  )
}
