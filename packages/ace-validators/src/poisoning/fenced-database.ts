import type { SqlDatabase, SqlStatement } from '@ctxlock/contracts/ports'

import { assertNotPoisoned, mutate, type MutationFence } from './job-table.ts'

/**
 * The connection as a job may use it (VAL-069): every transaction asks the fence right after it began, and so does every
 * statement that writes outside of one. Reading asks nobody. Throws `JOB_POISONED`; nothing was written then.
 */
export function fencedDatabase(database: SqlDatabase, held: MutationFence): SqlDatabase {
  const gate = <T>(work: () => T): T => (database.isTransaction ? work() : mutate(database, held, work))
  return {
    get isTransaction() {
      return database.isTransaction
    },
    exec(sql) {
      if (database.isTransaction || !/^\s*BEGIN\b/i.test(sql)) return gate(() => database.exec(sql))
      database.exec(sql)
      try {
        assertNotPoisoned(database, held)
      } catch (error) {
        database.exec('ROLLBACK')
        throw error
      }
    },
    prepare(sql): SqlStatement {
      const statement = database.prepare(sql)
      return {
        run: (...values) => gate(() => statement.run(...values)),
        get: (...values) => statement.get(...values),
        all: (...values) => statement.all(...values),
        iterate: (...values) => statement.iterate(...values),
        setReturnArrays: (enabled) => statement.setReturnArrays(enabled),
      }
    },
  }
}
