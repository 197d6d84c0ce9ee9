// What contradicts what was appended is not signed: each contradiction alone, everything else made to fit.
import { textHash } from '@ctxlock/core-hash'
import { describe, expect, test } from 'vitest'

import { SIGNING_KEY, openLogFolder, recordRun, type LogFolder } from '../../test/log-folder.ts'
import { GENESIS_HASH } from '../log-tables.ts'
import { checkpointLog } from './checkpoint-log.ts'

const sign = ({ database }: LogFolder) => checkpointLog({ database, signingKey: SIGNING_KEY })
const diverged = expect.objectContaining({ code: 'HSK-409-LOG-DIVERGED' })

interface Row {
  readonly seq: number
  readonly text: string
}

function rowsOf({ database }: LogFolder): Row[] {
  const rows = database.prepare('SELECT seq, event FROM flight_event ORDER BY seq').all()
  return rows.map(({ seq, event }) => ({ seq: Number(seq), text: String(event) }))
}

/** Writes the log anew, each event behind the one before it, and the head as it then has to be. */
function rewrite({ database }: LogFolder, rows: readonly Row[], more: { readonly count?: number } = {}): void {
  database.exec('DROP TRIGGER flight_event_stays; DELETE FROM flight_event')
  const insert = database.prepare('INSERT INTO flight_event VALUES (?, ?, ?)')
  let last = GENESIS_HASH
  for (const { seq, text } of rows) {
    const chained = text.replace(/"prev_hash":"[0-9a-f]{64}"/, `"prev_hash":"${last}"`)
    last = textHash(chained)
    insert.run(seq, last, chained)
  }
  const count = more.count ?? rows.at(-1)?.seq ?? 0
  database.prepare('UPDATE flight_head SET count = ?, last_hash = ?').run(count, last)
}

function recorded(): LogFolder {
  const folder = openLogFolder()
  recordRun(folder, 'one', 3)
  return folder
}

test('a log that was written anew from the same texts is signed: nothing contradicts it', () => {
  using folder = recorded()
  const rows = rowsOf(folder)
  rewrite(folder, rows)
  expect(sign(folder).size).toBe(rows.length)
})

describe('before anything was signed', () => {
  test('an event is missing, and the rest is chained over the gap', () => {
    using folder = recorded()
    const rows = rowsOf(folder)
    rewrite(folder, rows.toSpliced(2, 1))
    expect(() => sign(folder)).toThrow(diverged)
    using other = recorded()
    rewrite(other, rows.toSpliced(2, 1), { count: rows.length - 1 })
    expect(() => sign(other)).toThrow(diverged)
  })

  test.each([1, -1])('the head counts %d more than there are', (more) => {
    using folder = recorded()
    const rows = rowsOf(folder)
    rewrite(folder, rows, { count: rows.length + more })
    expect(() => sign(folder)).toThrow(diverged)
  })

  test('a row says another hash than its text has', () => {
    using folder = recorded()
    folder.database.exec('DROP TRIGGER flight_event_keeps')
    folder.database.prepare('UPDATE flight_event SET event_hash = ? WHERE seq = 2').run('a'.repeat(64))
    expect(() => sign(folder)).toThrow(diverged)
  })

  test('the head names another last event', () => {
    using folder = recorded()
    folder.database.prepare('UPDATE flight_head SET last_hash = ?').run('a'.repeat(64))
    expect(() => sign(folder)).toThrow(diverged)
  })
})

describe('after a checkpoint', () => {
  function signedAndLonger(): LogFolder {
    const folder = recorded()
    sign(folder)
    recordRun(folder, 'two', 2)
    return folder
  }

  test('a leaf of the signed tree is another', () => {
    using folder = signedAndLonger()
    const { database } = folder
    const tile = database.prepare('SELECT hashes FROM flight_tile WHERE level = 0 AND tile = 0').get()?.['hashes']
    if (!(tile instanceof Uint8Array)) throw new TypeError('a tile is bytes')
    tile[0] = (tile[0] ?? 0) ^ 1
    database.prepare('UPDATE flight_tile SET hashes = ? WHERE level = 0 AND tile = 0').run(tile)
    expect(() => sign(folder)).toThrow(diverged)
  })

  test('the event it ends with is another, or gone, though all after it is as it was', () => {
    for (const change of ['DELETE FROM flight_event', `UPDATE flight_event SET event_hash = '${'a'.repeat(64)}'`]) {
      using folder = recorded()
      const { size } = sign(folder)
      recordRun(folder, 'two', 2)
      folder.database.exec('DROP TRIGGER flight_event_stays; DROP TRIGGER flight_event_keeps')
      folder.database.exec(`${change} WHERE seq = ${size}`)
      expect(() => sign(folder)).toThrow(diverged)
    }
  })

  test('what follows it is signed where nothing was changed', () => {
    using folder = signedAndLonger()
    expect(sign(folder).size).toBe(rowsOf(folder).length)
  })
})
