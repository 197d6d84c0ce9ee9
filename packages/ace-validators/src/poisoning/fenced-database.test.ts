import { DatabaseSync } from 'node:sqlite'

import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { beforeEach, describe, expect, it } from 'vitest'

import { createJobTable, fencedDatabase, moveJob, poisonJob, readJob, registerJob } from '../poisoning.ts'

let database: DatabaseSync
let fenced: ReturnType<typeof fencedDatabase>

beforeEach(() => {
  database = new DatabaseSync(':memory:')
  createJobTable(database)
  database.exec('CREATE TABLE files (text TEXT)')
  const fence = registerJob(database, { job_id: 'job', parent_job_id: null, inputs_hash: 'a'.repeat(64) })
  moveJob(database, fence, 'running')
  fenced = fencedDatabase(database, fence)
})

const poison = () => {
  const found = { guard: 'PromptInjectionGuard', matches: [], policy_profile_id: 'x', context_snapshot_id: null }
  poisonJob(database, { job_id: 'job', violation_id: crypto.randomUUID(), ...found }, () => {})
}
const rows = () => database.prepare('SELECT text FROM files').all()
const insert = (text: string) => fenced.prepare('INSERT INTO files VALUES (?)').run(text)

const RETURNING = "INSERT INTO files VALUES ('x')"

/** Every way to write that the port has. */
const WRITES: Readonly<Record<string, () => unknown>> = {
  'a statement of its own': () => insert('x'),
  'one row of a statement that returns rows': () => fenced.prepare(`${RETURNING} RETURNING *`).get(),
  'all rows of one': () => fenced.prepare(`${RETURNING} RETURNING text`).all(),
  'a walk over the rows of one': () => fenced.prepare(`${RETURNING} RETURNING text`).iterate(),
  'a statement that begins with a table of its own': () =>
    fenced.prepare("WITH made (text) AS (SELECT 'x') INSERT INTO files SELECT text FROM made").all(),
  exec: () => fenced.exec("INSERT INTO files VALUES ('x')"),
  'a transaction': () => inTransaction(fenced, () => insert('x')),
  'a transaction that starts elsewhere': () =>
    inTransaction(fenced, () => database.exec("INSERT INTO files VALUES ('x')")),
  'a deferred transaction': () => {
    fenced.exec(' begin deferred')
    insert('x')
    fenced.exec('COMMIT')
  },
}

describe.each(Object.entries(WRITES))('%s', (_, write) => {
  it('passes while the job goes on', () => {
    write()
    expect(rows()).toEqual([{ text: 'x' }])
  })

  it('is refused and undone when the job is poisoned, and no transaction stays open', () => {
    poison()
    expect(write).toThrow(expect.objectContaining({ code: 'JOB_POISONED' }))
    expect([rows(), database.isTransaction]).toEqual([[], false])
  })
})

it('says whether a transaction is open', () => {
  expect(fenced.isTransaction).toBe(false)
  inTransaction(fenced, () => expect(fenced.isTransaction).toBe(true))
})

it('is not taken in by a statement that has BEGIN somewhere in it', () => {
  poison()
  const trigger = "CREATE TRIGGER made AFTER DELETE ON files BEGIN INSERT INTO files VALUES ('x'); END"
  expect(() => fenced.exec(trigger)).toThrow(expect.objectContaining({ code: 'JOB_POISONED' }))
  expect(database.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all()).toEqual([])
})

it('reads on: what was recorded can be looked at', () => {
  insert('x')
  poison()
  expect(fenced.prepare('SELECT count(*) AS n FROM files').get()).toEqual({ n: 1 })
  expect(fenced.prepare('\n  SELECT text FROM files').all()).toEqual([{ text: 'x' }])
  expect([...fenced.prepare('SELECT text FROM files').iterate()]).toHaveLength(1)
  expect(readJob(fenced, 'job')?.state).toBe('poisoned')
})

it.each(['PRAGMA user_version = 7', 'pragma user_version(7)', 'PRAGMA user_version=7 -- SELECT', 'PRAGMA optimize'])(
  'is not taken in by a setting that looks like a question: %s',
  (sql) => {
    poison()
    expect(() => fenced.prepare(sql).get()).toThrow(expect.objectContaining({ code: 'JOB_POISONED' }))
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 0 })
  },
)

it('is not taken in by a transaction that is begun, filled and committed in one text', () => {
  const whole = "BEGIN; INSERT INTO files VALUES ('x'); COMMIT"
  expect(() => fenced.exec(whole)).toThrow('cannot start a transaction within a transaction')
  poison()
  expect(() => fenced.exec(whole)).toThrow(expect.objectContaining({ code: 'JOB_POISONED' }))
  expect([rows(), database.isTransaction]).toEqual([[], false])
})

it('is not taken in by a text that writes first and then begins a transaction', () => {
  poison()
  expect(() => fenced.exec("INSERT INTO files VALUES ('x'); BEGIN")).toThrow(
    expect.objectContaining({ code: 'JOB_POISONED' }),
  )
  expect([rows(), database.isTransaction]).toEqual([[], false])
})

it('lets the kinds of transaction pass that SQLite has', () => {
  for (const begin of ['BEGIN', 'begin immediate', ' BEGIN EXCLUSIVE TRANSACTION ; ']) {
    fenced.exec(begin)
    expect(database.isTransaction).toBe(true)
    fenced.exec('COMMIT')
  }
})

it('gives rows as arrays to whoever asks for them', () => {
  insert('x')
  const statement = fenced.prepare('SELECT text FROM files')
  statement.setReturnArrays(true)
  expect(statement.all()).toEqual([['x']])
})
