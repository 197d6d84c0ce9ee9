import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { prepareTables } from '../index.ts'

export function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 10_000 })
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;')
  return database
}

/** A database file in a folder of its own, with the tables made. `reopen` stands for a restart. */
export function createDatabase() {
  const folder = mkdtempSync(join(tmpdir(), 'governance-'))
  const path = join(folder, 'state.db')
  let database = openDatabase(path)
  prepareTables(database)
  return {
    path,
    get database() {
      return database
    },
    reopen() {
      database.close()
      database = openDatabase(path)
    },
    [Symbol.dispose]() {
      database.close()
      rmSync(folder, { recursive: true })
    },
  }
}
