import type { SqlDatabase, SqlStatement } from '@ctxlock/contracts/ports'

import { assertNotPoisoned, mutate, type MutationFence } from './job-table.ts'

/** What cannot write, however it is run; all else may, such as an INSERT that returns rows, or a PRAGMA. */
const READS = /^\s*SELECT\b/i
/** Begins a transaction and does nothing else: what followed in the same text would be done before the fence is asked. */
const BEGINS = /^\s*BEGIN(\s+\w+)*\s*;?\s*$/i

/**
 * The connection as a job may use it (VAL-069): every transaction asks the fence right after it began, and so does every
 * statement that writes outside of one. Reading asks nobody. Throws `JOB_POISONED`; nothing was written then.
 * A text that commits a transaction and goes on is not looked into: what stands behind the COMMIT would not be asked.
 */
export function fencedDatabase(database: SqlDatabase, held: MutationFence): SqlDatabase {
  const gate = <T>(work: () => T): T => (database.isTransaction ? work() : mutate(database, held, work))
  return {
    get isTransaction() {
      return database.isTransaction
    },
    exec(sql) {
      if (database.isTransaction || !BEGINS.test(sql)) return gate(() => database.exec(sql))
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
      const asked = READS.test(sql) ? <T>(work: () => T): T => work() : gate
      return {
        run: (...values) => gate(() => statement.run(...values)),
        get: (...values) => asked(() => statement.get(...values)),
        all: (...values) => asked(() => statement.all(...values)),
        // What writes has written when the fence has been asked, not when somebody looks at the rows.
        iterate: (...values) =>
          asked === gate ? gate(() => statement.all(...values)).values() : statement.iterate(...values),
        setReturnArrays: (enabled) => statement.setReturnArrays(enabled),
      }
    },
  }
}
