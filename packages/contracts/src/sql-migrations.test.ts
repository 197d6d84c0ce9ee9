import { DatabaseSync } from 'node:sqlite'

import { expect, test } from 'vitest'

import { migrateTables, type OwnedTables } from './sql-migrations.ts'

const FIRST = 'CREATE TABLE box (id INTEGER PRIMARY KEY) STRICT'
const SECOND = 'ALTER TABLE box ADD COLUMN label TEXT'

const tables = (...migrations: string[]): OwnedTables => ({
  schema: 'box_schema',
  migrations,
  newer: (found, known) => new RangeError(`found ${found}, known ${known}`),
})

const columnsOf = (database: DatabaseSync) =>
  database
    .prepare('SELECT name FROM pragma_table_info(?)')
    .all('box')
    .map(({ name }) => name)

test('brings tables to the current version, from none and from each before it', () => {
  const database = new DatabaseSync(':memory:')
  migrateTables(database, tables(FIRST))
  expect(columnsOf(database)).toEqual(['id'])
  migrateTables(database, tables(FIRST, SECOND))
  expect(columnsOf(database)).toEqual(['id', 'label'])
  expect(database.prepare('SELECT version FROM box_schema').all()).toEqual([{ version: 1 }, { version: 2 }])
})

test('writes nothing when they are current, so that a read-only database can be opened', () => {
  const database = new DatabaseSync(':memory:')
  migrateTables(database, tables(FIRST))
  database.exec('PRAGMA query_only = ON')
  expect(() => migrateTables(database, tables(FIRST))).not.toThrow()
})

test('refuses tables of a newer release and leaves them alone', () => {
  const database = new DatabaseSync(':memory:')
  migrateTables(database, tables(FIRST, SECOND))
  expect(() => migrateTables(database, tables(FIRST))).toThrow('found 2, known 1')
  expect(columnsOf(database)).toEqual(['id', 'label'])
})

test('takes all steps or none', () => {
  const database = new DatabaseSync(':memory:')
  expect(() => migrateTables(database, tables(FIRST, 'CREATE TABLE box (id)'))).toThrow(/already exists/)
  expect(database.prepare('SELECT name FROM sqlite_master').all()).toEqual([])
})
