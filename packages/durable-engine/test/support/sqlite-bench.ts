import { DatabaseSync } from 'node:sqlite'

import type { DurableEngine } from '@ctxlock/contracts/engine'
import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { openEngine } from '../../src/index.ts'
import type { EngineTarget } from '../../src/testing.ts'
import { virtualTime } from './virtual-time.ts'

/** The engine of this package for the conformance cases: a database in memory, and time that passes when it is told to. */
export const sqliteTarget: EngineTarget<SqlDatabase> = {
  async create() {
    const database = new DatabaseSync(':memory:')
    database.exec('CREATE TABLE line (text TEXT NOT NULL)')
    const time = virtualTime(1_700_000_000_000)
    let alive: { isAlive: boolean } | undefined
    let engine: DurableEngine | undefined
    return {
      async open({ fence, concurrency } = {}) {
        const life = { isAlive: true }
        alive = life
        engine = openEngine({
          database: mortal(database, life),
          environment: time.environment,
          ...(fence && { fence: (_, runId) => fence(runId) }),
          ...(concurrency !== undefined && { concurrency }),
        })
        return engine
      },
      async crash() {
        if (alive) alive.isAlive = false
        time.forget()
        if (database.isTransaction) database.exec('ROLLBACK')
      },
      pass: (milliseconds) => time.pass(milliseconds),
      record: (transaction, line) => void transaction.prepare('INSERT INTO line VALUES (?)').run(line),
      recorded: async () =>
        database
          .prepare('SELECT text FROM line ORDER BY rowid')
          .all()
          .map(({ text }) => String(text)),
      async dispose() {
        if (alive?.isAlive) await engine?.close()
        database.close()
      },
    }
  },
}

/** The connection of a process that can be killed: afterwards it reaches the file no more. */
export function mortal(database: DatabaseSync, life: { readonly isAlive: boolean }): SqlDatabase {
  const demandAlive = () => {
    if (!life.isAlive) throw new Error('This process was killed.')
  }
  return {
    get isTransaction() {
      return database.isTransaction
    },
    exec(sql) {
      demandAlive()
      database.exec(sql)
    },
    prepare(sql) {
      const statement = database.prepare(sql)
      return {
        run: (...values) => (demandAlive(), statement.run(...values)),
        get: (...values) => (demandAlive(), statement.get(...values)),
        all: (...values) => (demandAlive(), statement.all(...values)),
        iterate: (...values) => (demandAlive(), statement.iterate(...values)),
      }
    },
  }
}
