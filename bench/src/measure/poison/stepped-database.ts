import { DatabaseSync } from 'node:sqlite'

import type { SqlDatabase, SqlStatement } from '../../../../packages/contracts/src/ports.ts'

/** Thrown in a process that no longer is one. */
export class Killed extends Error {}

/** The connection of one simulated process. */
export interface SteppedDatabase extends SqlDatabase {
  readonly isAlive: boolean
  /** What a crash does: everything in memory is gone and SQLite rolls back what was not committed. */
  kill(): void
}

/**
 * A real connection that stops before and after every statement for `pause`, where another process may run or this one may be
 * killed. After a kill every further statement throws, also in handlers that try to clean up: a dead process cleans up nothing.
 */
export function steppedDatabase(path: string, pause: () => void): SteppedDatabase {
  // No waiting for locks: the one who holds it is further down the same stack.
  const raw = new DatabaseSync(path, { timeout: 0 })
  raw.exec('PRAGMA synchronous = OFF')
  let isAlive = true
  const stop = (): void => {
    if (isAlive) pause()
    if (!isAlive) throw new Killed()
  }
  const step = <T>(statement: () => T): T => {
    stop()
    const result = statement()
    stop()
    return result
  }
  const prepare = (sql: string): SqlStatement => {
    if (!isAlive) throw new Killed()
    const statement = raw.prepare(sql)
    return {
      run: (...values) => step(() => statement.run(...values)),
      get: (...values) => step(() => statement.get(...values)),
      all: (...values) => step(() => statement.all(...values)),
      iterate: (...values) => step(() => statement.iterate(...values)),
      setReturnArrays: (enabled) => statement.setReturnArrays(enabled),
    }
  }
  return {
    get isAlive() {
      return isAlive
    },
    get isTransaction() {
      return isAlive && raw.isTransaction
    },
    exec: (sql) => step(() => raw.exec(sql)),
    prepare,
    kill() {
      if (!isAlive) return
      isAlive = false
      raw.close()
    },
  }
}
