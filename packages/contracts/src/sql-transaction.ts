import type { SqlDatabase } from './ports.ts'

/**
 * Runs `work` in one transaction: inside an open one as a savepoint, else as an immediate transaction.
 * Commits what `work` did when it returns, undoes all of it when it throws.
 */
export function inTransaction<T>(database: SqlDatabase, work: () => T): T {
  const [begin, commit, rollback] = database.isTransaction
    ? ['SAVEPOINT step', 'RELEASE step', 'ROLLBACK TO step; RELEASE step']
    : ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK']
  database.exec(begin)
  try {
    const result = work()
    database.exec(commit)
    return result
  } catch (error) {
    // A failed COMMIT (disk full) or statement may have ended the transaction already.
    if (database.isTransaction) database.exec(rollback)
    throw error
  }
}
