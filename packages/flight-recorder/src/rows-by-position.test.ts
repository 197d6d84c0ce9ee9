import { DatabaseSync } from 'node:sqlite'

import { expect, test } from 'vitest'

import { POSITION, rowsByPosition } from './rows-by-position.ts'

/** A table of these positions; whoever can write the file can write any. */
function tableOf(positions: readonly (number | bigint)[]): DatabaseSync {
  const database = new DatabaseSync(':memory:')
  database.exec('CREATE TABLE flight_event (seq INTEGER PRIMARY KEY)')
  const insert = database.prepare('INSERT INTO flight_event VALUES (?)')
  for (const seq of positions) insert.run(seq)
  return database
}

test.each([
  ['none', []],
  ['one chunk', Array.from({ length: 256 }, (_, index) => index + 1)],
  ['a chunk and one more', Array.from({ length: 257 }, (_, index) => index + 1)],
  ['several with gaps', Array.from({ length: 1000 }, (_, index) => 3 * index + 1)],
  ['positions that no event can have', [Number.MIN_SAFE_INTEGER, -1, 0, 1, Number.MAX_SAFE_INTEGER]],
])('all rows are read in order: %s', (_, positions) => {
  const rows = rowsByPosition(tableOf(positions.toReversed()), `SELECT ${POSITION} FROM flight_event e`)
  expect([...rows].map(({ 0: seq }) => seq)).toEqual(positions)
})

test('integers that JavaScript has not are read as the nearest it has, and end', () => {
  const behind = Array.from({ length: 600 }, (_, index) => 2n ** 62n + BigInt(index))
  const before = behind.map((position) => -position)
  const rows = rowsByPosition(tableOf([...before, 1, ...behind]), `SELECT ${POSITION} FROM flight_event e`)
  const positions = new Set([...rows].map(({ 0: seq }) => seq))
  expect([...positions]).toEqual([Number.MIN_SAFE_INTEGER, 1, Number.MAX_SAFE_INTEGER])
})
