import type { DatabaseSync, StatementSync } from 'node:sqlite'

import type { SqlDatabase } from '@ctxlock/contracts/ports'

/** What a process that can be killed is to the file. */
export interface Life {
  isAlive: boolean
  /** Asked around every commit; true kills it there. */
  diesAtCommit?(when: 'before' | 'after'): boolean
}

/** The connection of such a process: once it is killed it reaches the file no more, and what was not committed is gone. */
export function mortalDatabase(database: DatabaseSync, life: Life): SqlDatabase {
  const demandAlive = () => {
    if (!life.isAlive) throw new Error('This process was killed.')
  }
  const die = () => {
    life.isAlive = false
    if (database.isTransaction) database.exec('ROLLBACK')
    throw new Error('This process was killed at a commit.')
  }
  return {
    get isTransaction() {
      return life.isAlive && database.isTransaction
    },
    exec(sql) {
      demandAlive()
      const isCommit = sql === 'COMMIT'
      if (isCommit && life.diesAtCommit?.('before') === true) die()
      database.exec(sql)
      if (isCommit && life.diesAtCommit?.('after') === true) die()
    },
    prepare(sql) {
      const statement = preparedOnce(database, sql)
      return {
        run: (...values) => (demandAlive(), statement.run(...values)),
        get: (...values) => (demandAlive(), statement.get(...values)),
        all: (...values) => (demandAlive(), statement.all(...values)),
        iterate: (...values) => (demandAlive(), statement.iterate(...values)),
        setReturnArrays: (enabled) => statement.setReturnArrays(enabled),
      }
    },
  }
}

const prepared = new WeakMap<DatabaseSync, Map<string, StatementSync>>()

/** Thousands of processes one after the other prepare the same statements. */
export function preparedOnce(database: DatabaseSync, sql: string): StatementSync {
  const statements = prepared.get(database) ?? new Map<string, StatementSync>()
  prepared.set(database, statements)
  const statement = statements.get(sql) ?? database.prepare(sql)
  statements.set(sql, statement)
  return statement
}
