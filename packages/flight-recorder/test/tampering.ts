import { DatabaseSync } from 'node:sqlite'

import { canonicalize, textHash } from '@ctxlock/core-hash'

import { keptIn, openLogFolder, recordRun } from './log-folder.ts'
import type { LogFolder } from './log-folder.ts'
import { queryEvents, verifyLog } from '../src/index.ts'
import type { VerifyReport } from '../src/index.ts'

/** What somebody with write access to the file would see: rows, without our triggers in the way. */
export async function openForTampering(runs: number, calls: number): Promise<LogFolder> {
  const database = new DatabaseSync(':memory:')
  const folder = openLogFolder(database)
  for (let run = 0; run < runs; run += 1) recordRun(folder, `run-${run}`, calls)
  queryEvents(database, {}, { limit: 1 })
  await folder.anchor()
  database.exec('DROP TRIGGER flight_event_keeps; DROP TRIGGER flight_event_stays')
  return folder
}

/** Another database in the place of the one that was anchored. */
export function verifyOver(database: DatabaseSync, { publicKey, anchorFile }: LogFolder): VerifyReport {
  return verifyLog({ database, publicKey, kept: [keptIn(anchorFile)] })
}

export interface Row {
  readonly seq: number
  readonly event: string
  readonly event_hash: string
}

export function editorOf(database: DatabaseSync) {
  const run = (sql: string, ...values: (string | number)[]) => void database.prepare(sql).run(...values)
  const rows = (): Row[] =>
    database
      .prepare('SELECT * FROM flight_event ORDER BY seq')
      .all()
      .map((row) => ({ seq: Number(row['seq']), event: String(row['event']), event_hash: String(row['event_hash']) }))
  const row = (seq: number): Row =>
    rows().find((candidate) => candidate.seq === seq) ?? { seq, event: '', event_hash: '' }
  const put = ({ seq, event, event_hash }: Row) =>
    run('INSERT OR REPLACE INTO flight_event (seq, event, event_hash) VALUES (?, ?, ?)', seq, event, event_hash)
  const remove = (seq: number) => run('DELETE FROM flight_event WHERE seq = ?', seq)
  /** Puts a text with the hash that belongs to it. */
  const forge = (seq: number, value: object, write: (value: object) => string = canonicalize) => {
    const event = write(value)
    put({ seq, event, event_hash: textHash(event) })
  }
  const setHead = (count: number, hash: string) => run('UPDATE flight_head SET count = ?, last_hash = ?', count, hash)
  const head = () => {
    const found = database.prepare('SELECT count, last_hash FROM flight_head').get()
    return { count: Number(found?.['count']), hash: String(found?.['last_hash']) }
  }
  /** Moves every row from `seq` on by one place, up or down, rows only. */
  const shift = (seq: number, by: 1 | -1) => {
    const moved = rows().filter((candidate) => candidate.seq >= seq)
    for (const each of by === 1 ? moved.reverse() : moved) {
      remove(each.seq)
      put({ ...each, seq: each.seq + by })
    }
  }
  return { run, rows, row, put, remove, forge, setHead, head, shift }
}
export type Editor = ReturnType<typeof editorOf>
