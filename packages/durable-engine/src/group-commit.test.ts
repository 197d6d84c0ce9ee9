import { DatabaseSync } from 'node:sqlite'

import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { groupCommit } from './group-commit.ts'

let database: DatabaseSync
const insert = (text: string) => database.prepare('INSERT INTO line VALUES (?)').run(text)
const lines = () =>
  database
    .prepare('SELECT text FROM line')
    .all()
    .map(({ text }) => text)

beforeEach(() => {
  database = new DatabaseSync(':memory:')
  database.exec('CREATE TABLE line (text TEXT)')
})
afterEach(() => database.close())

test('writes of one turn share a commit; one that throws undoes itself and no other', async () => {
  let commits = 0
  const exec = database.exec.bind(database)
  database.exec = (sql) => {
    if (sql === 'COMMIT') commits += 1
    exec(sql)
  }
  const { write } = groupCommit(database)
  const results = await Promise.allSettled([
    write(() => insert('first')),
    write(() => {
      insert('second')
      throw new Error('refused')
    }),
    write(() => insert('third')),
  ])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect([lines(), commits]).toEqual([['first', 'third'], 1])
})

test('nobody is told before the commit, and all are told when it fails', async () => {
  const { write } = groupCommit(database)
  database.exec('PRAGMA foreign_keys = ON; CREATE TABLE parent (id INTEGER PRIMARY KEY)')
  database.exec('CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)')
  // The missing parent is found out by the commit.
  const results = await Promise.allSettled([
    write(() => insert('first')),
    write(() => database.exec('INSERT INTO child VALUES (1)')),
  ])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect([lines(), database.isTransaction]).toEqual([[], false])
})

test('when the disk is full nothing of the batch is kept, and the next one works', async () => {
  const { write } = groupCommit(database)
  const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count'])
  database.exec(`PRAGMA max_page_count = ${pages + 2}`)
  const results = await Promise.allSettled([write(() => insert('small')), write(() => insert('x'.repeat(100_000)))])
  const kept = results.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []))
  expect(results[1]).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/full/) } })
  // Whoever was told that it is kept finds it.
  expect(lines()).toEqual(kept.map(() => 'small'))
  database.exec('PRAGMA max_page_count = 1000')
  await write(() => insert('later'))
  expect(lines()).toContain('later')
})

test('inside a transaction of the host nothing is called durable', async () => {
  const { write } = groupCommit(database)
  database.exec('BEGIN')
  await expect(write(() => insert('lost'))).rejects.toMatchObject({ code: 'INSIDE_TRANSACTION' })
  database.exec('ROLLBACK')
  expect(lines()).toEqual([])
})

test('only a batch of nothing but unsynced writes is committed without waiting', async () => {
  const batches: string[][] = []
  const { write } = groupCommit(database, (work) => {
    const before = lines().length
    const result = inTransaction(database, work)
    batches.push(lines().slice(before).map(String))
    return result
  })
  const unsynced = { unsynced: true }
  await Promise.all([write(() => insert('a'), unsynced), write(() => insert('b'), unsynced)])
  await Promise.all([write(() => insert('c'), unsynced), write(() => insert('d'))])
  expect([batches, lines()]).toEqual([[['a', 'b']], ['a', 'b', 'c', 'd']])
})
