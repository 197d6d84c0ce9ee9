import { DatabaseSync } from 'node:sqlite'
import { expect, test, vi } from 'vitest'

import { rememberStatements } from './remembered-statements.ts'

function opened() {
  const database = new DatabaseSync(':memory:')
  database.exec('CREATE TABLE number (value INTEGER) STRICT; INSERT INTO number VALUES (1), (2), (3)')
  const prepare = vi.spyOn(database, 'prepare')
  return { remembered: rememberStatements(database), prepare }
}

const ALL = 'SELECT value FROM number ORDER BY value'

test('a statement is compiled once, and each question gets its own answer', () => {
  const { remembered, prepare } = opened()
  const above = () => remembered.prepare('SELECT value FROM number WHERE value > ? ORDER BY value')
  expect([above().get(1), above().get(2), above().all(0).length]).toEqual([{ value: 2 }, { value: 3 }, 3])
  remembered.prepare('INSERT INTO number VALUES (?)').run(4)
  expect(above().get(3)).toEqual({ value: 4 })
  expect(prepare).toHaveBeenCalledTimes(2)
})

test('of a connection that was given up every question hears why', () => {
  let reason: Error | undefined
  const remembered = rememberStatements(new DatabaseSync(':memory:'), () => {
    if (reason) throw reason
  })
  const early = remembered.prepare('SELECT 1')
  expect(early.all()).toHaveLength(1)
  reason = new Error('database or disk is full')
  for (const ask of [() => early.get(), () => remembered.prepare('SELECT 2'), () => remembered.exec('BEGIN')])
    expect(ask).toThrow(reason)
})

test('a walk over rows is not disturbed by the same question asked in between', () => {
  const { remembered } = opened()
  const walked: unknown[] = []
  for (const { value } of remembered.prepare(ALL).iterate()) {
    walked.push(value, [...remembered.prepare(ALL).iterate()].length, remembered.prepare(ALL).get()?.['value'])
  }
  expect(walked).toEqual([1, 3, 1, 2, 3, 1, 3, 3, 1])
})

test('rows as arrays are for whoever asked for them, and for no one who asks the same later', () => {
  const { remembered } = opened()
  const arrays = remembered.prepare(ALL)
  arrays.setReturnArrays(true)
  expect(remembered.prepare(ALL).get()).toEqual({ value: 1 })
  expect([arrays.get(), arrays.all().length, ...arrays.iterate()]).toEqual([[1], 3, [1], [2], [3]])
  arrays.setReturnArrays(false)
  expect([arrays.get(), ...arrays.iterate()]).toEqual([{ value: 1 }, { value: 1 }, { value: 2 }, { value: 3 }])
})

test('a statement stays good when the table changes', () => {
  const { remembered } = opened()
  expect(remembered.prepare('SELECT * FROM number').get()).toEqual({ value: 1 })
  remembered.exec("ALTER TABLE number ADD COLUMN name TEXT DEFAULT 'n'")
  expect(remembered.prepare('SELECT * FROM number').get()).toEqual({ value: 1, name: 'n' })
})

test('more statements than are kept change no answer', () => {
  const { remembered } = opened()
  for (let index = 0; index < 1100; index += 1)
    expect(remembered.prepare(`SELECT ${index} AS n`).get()).toEqual({ n: index })
})
