import type { SqlDatabase, SqlStatement } from '@ctxlock/contracts/ports'

/** More texts than the code has; statements whose text is made anew each time must not pile up. */
const MOST_STATEMENTS = 512

/**
 * The same connection, which compiles each statement once: a governed call asks the same few dozen texts many times over.
 * Each answer is read to its end before the next question; rows that are read one by one get a statement of their own. `demandOpen` is
 * asked before each, and throws when the connection was given up.
 */
export function rememberStatements(database: SqlDatabase, demandOpen: () => void = () => {}): SqlDatabase {
  const statements = new Map<string, SqlStatement>()
  return {
    get isTransaction() {
      return database.isTransaction
    },
    exec(sql) {
      demandOpen()
      database.exec(sql)
    },
    prepare(sql) {
      demandOpen()
      const known = statements.get(sql)
      if (known) return known
      const compiled = database.prepare(sql)
      let returnsArrays = false
      const open = () => {
        demandOpen()
        return compiled
      }
      const statement: SqlStatement = {
        run: (...values) => open().run(...values),
        get: (...values) => open().get(...values),
        all: (...values) => open().all(...values),
        iterate: (...values) => {
          const own = database.prepare(sql)
          own.setReturnArrays(returnsArrays)
          return own.iterate(...values)
        },
        setReturnArrays: (enabled) => {
          // Whoever asks for the same text next expects rows as objects.
          statements.delete(sql)
          returnsArrays = enabled
          open().setReturnArrays(enabled)
        },
      }
      if (statements.size === MOST_STATEMENTS) statements.clear()
      statements.set(sql, statement)
      return statement
    },
  }
}
