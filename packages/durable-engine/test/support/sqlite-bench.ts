import { DatabaseSync } from 'node:sqlite'

import type { DurableEngine } from '@ctxlock/contracts/engine'
import type { SqlDatabase } from '@ctxlock/contracts/ports'

import { openEngine } from '../../src/index.ts'
import type { EngineTarget } from '../../src/testing.ts'
import { mortalDatabase, type Life } from './mortal-database.ts'
import { virtualTime, type VirtualProcess } from './virtual-time.ts'

/** The engine of this package for the conformance cases: a database in memory, and time that passes when it is told to. */
export const sqliteTarget: EngineTarget<SqlDatabase> = {
  async create() {
    const database = new DatabaseSync(':memory:')
    database.exec('CREATE TABLE line (text TEXT NOT NULL)')
    const time = virtualTime(1_700_000_000_000)
    let running: { life: Life; process: VirtualProcess; engine: DurableEngine } | undefined
    return {
      async open({ fence, concurrency } = {}) {
        const life = { isAlive: true }
        const process = time.process()
        const engine = openEngine({
          database: mortalDatabase(database, life),
          environment: process.environment,
          ...(fence && { fence: (_, runId) => fence(runId) }),
          ...(concurrency !== undefined && { concurrency }),
        })
        running = { life, process, engine }
        return engine
      },
      async crash() {
        if (!running) return
        running.life.isAlive = false
        running.process.kill()
        running = undefined
      },
      pass: (milliseconds) => time.pass(milliseconds),
      record: (transaction, line) => void transaction.prepare('INSERT INTO line VALUES (?)').run(line),
      recorded: async () =>
        database
          .prepare('SELECT text FROM line ORDER BY rowid')
          .all()
          .map(({ text }) => String(text)),
      async dispose() {
        await running?.engine.close()
        database.close()
      },
    }
  },
}
