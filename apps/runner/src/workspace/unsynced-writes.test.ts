import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import type { Timers } from '@ctxlock/contracts/ports'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { openUnsyncedWrites, type UnsyncedWriter } from './unsynced-writes.ts'

const FULL = 2
const NORMAL = 1

let folder: string
let database: DatabaseSync
let timer: { after: number; ring: () => void } | undefined
let gaveUp: ReturnType<typeof vi.fn<() => void>>
let writer: UnsyncedWriter

const timers: Timers = {
  after(milliseconds, callback) {
    timer = { after: milliseconds, ring: callback }
    return () => (timer = undefined)
  },
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ctxlock-unsynced-'))
  database = new DatabaseSync(join(folder, 'state.db'))
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE entry (text TEXT) STRICT')
  timer = undefined
  gaveUp = vi.fn<() => void>()
  writer = openUnsyncedWrites(database, timers, gaveUp)
})

afterEach(() => {
  if (database.isOpen) database.close()
  rmSync(folder, { recursive: true })
})

const level = () => Number(database.prepare('PRAGMA synchronous').get()?.['synchronous'])
const journalBytes = () => statSync(join(folder, 'state.db-wal')).size
const add = (text: string) => database.prepare('INSERT INTO entry VALUES (?)').run(text)
const entries = (from: DatabaseSync) => from.prepare('SELECT text FROM entry').all().length

test('only the commit of the work itself does not wait', () => {
  expect(writer.write(() => (add('one'), level()))).toBe(NORMAL)
  expect(level()).toBe(FULL)
})

test('what was written is there for another connection at once', () => {
  writer.write(() => add('one'))
  const other = new DatabaseSync(join(folder, 'state.db'))
  expect(entries(other)).toBe(1)
  other.close()
})

test('work that throws leaves nothing behind, and the next commit waits again', () => {
  const broken = () => {
    add('one')
    throw new Error('broken')
  }
  expect(() => writer.write(broken)).toThrow('broken')
  expect([entries(database), level()]).toEqual([0, FULL])
})

test('inside an open transaction that one decides', () => {
  database.exec('BEGIN IMMEDIATE')
  writer.write(() => add('one'))
  database.exec('ROLLBACK')
  expect([entries(database), level(), timer]).toEqual([0, FULL, undefined])
})

test('a batch is synced 50 ms after its first write, by a commit that writes', () => {
  writer.write(() => add('one'))
  const first = timer
  writer.write(() => add('two'))
  expect([first?.after, timer]).toEqual([50, first])
  const before = journalBytes()
  timer?.ring()
  expect(journalBytes()).toBeGreaterThan(before)
  writer.write(() => add('three'))
  expect(timer).not.toBe(first)
})

test('a commit that waited took the batch along; the next write begins another', () => {
  writer.write(() => add('one'))
  const first = timer
  writer.synced()
  expect(timer).toBeUndefined()
  writer.write(() => add('two'))
  expect(timer).not.toBe(first)
})

test('closing syncs what is left, once', () => {
  writer.write(() => add('one'))
  const before = journalBytes()
  writer.close()
  const after = journalBytes()
  writer.close()
  expect([after > before, journalBytes(), timer]).toEqual([true, after, undefined])
})

test('a disk that does not take it gets no more', () => {
  writer.write(() => add('one'))
  database.close()
  timer?.ring()
  expect(gaveUp).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ message: expect.stringContaining('not open') }),
  )
})

const failing = (work: () => void) => {
  work()
  throw new Error('broken')
}

test('steps share one commit, which does not wait; each is undone alone', () => {
  const other = new DatabaseSync(join(folder, 'state.db'))
  writer.steps(() => {
    expect(level()).toBe(NORMAL)
    writer.write(() => add('one'))
    expect(() => writer.write(() => failing(() => add('two')))).toThrow('broken')
    writer.write(() => add('three'))
    expect(entries(other)).toBe(0)
  })
  expect([entries(other), level(), timer?.after]).toEqual([2, FULL, 50])
  other.close()
})

test('what was written stays when a later step throws, and is on disk before the exception goes on', () => {
  const other = new DatabaseSync(join(folder, 'state.db'))
  const before = journalBytes()
  expect(() => writer.steps(() => failing(() => writer.write(() => add('one'))))).toThrow('broken')
  // Nothing is left for a timer: the batch was synced by a commit of its own.
  expect([entries(other), level(), timer]).toEqual([1, FULL, undefined])
  expect(journalBytes()).toBeGreaterThan(before)
  other.close()
})

test('steps within an open transaction are part of it', () => {
  database.exec('BEGIN IMMEDIATE')
  writer.steps(() => writer.write(() => add('one')))
  database.exec('ROLLBACK')
  expect([entries(database), timer]).toEqual([0, undefined])
})

test('a commit that fails leaves no transaction open, and the next one waits again', () => {
  database.exec('CREATE TABLE child (entry INTEGER REFERENCES entry (rowid) DEFERRABLE INITIALLY DEFERRED) STRICT')
  database.exec('PRAGMA foreign_keys = ON')
  expect(() => writer.steps(() => database.exec('INSERT INTO child VALUES (7)'))).toThrow()
  expect([database.isTransaction, level()]).toEqual([false, FULL])
})
