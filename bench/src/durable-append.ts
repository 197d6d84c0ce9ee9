// Recording an event beside committing the same bytes with bare SQLite: what validation, redaction, canonical form, hash and
// chain cost on top of the disk. Both write to a file of their own in one folder, with WAL and synchronous=FULL.
import { mkdtempSync, rmSync } from 'node:fs'
import { randomBytes, randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { openRecorder, verifyLog } from '../../packages/flight-recorder/src/index.ts'
import { callIntentDraft, passingRedactor } from './event-draft.ts'

export const name = 'durable-append'

export interface Row {
  readonly work: string
  /** Events in one commit. */
  readonly batch: number
  /** Median microseconds an event: bare SQLite, and the recorder. */
  readonly bare_us: number
  readonly recorder_us: number
  readonly ratio: number
}

export interface Result {
  readonly node: string
  readonly sqlite: string
  /** Bytes of one canonical event. */
  readonly bytes: number
  readonly rows: readonly Row[]
  readonly verified_events_per_second: number
}

/** One row for a single durable event, one for a hundred in a commit; the ratio is what counts. */
export async function run(): Promise<Result> {
  return compare({ single: 600, batched: 200 })
}

export function compare(rounds: { readonly single: number; readonly batched: number }): Result {
  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-bench-'))
  const [bareDatabase, database] = [open(join(folder, 'bare.db')), open(join(folder, 'log.db'))]
  try {
    const bare = openBare(bareDatabase)
    const recorder = openRecorder({
      database,
      redactor: passingRedactor,
      clock: { now: Date.now },
      random: { uuid: randomUUID, bytes: randomBytes },
    })
    recorder.record(callIntentDraft())
    const text = String(database.prepare('SELECT event FROM flight_event').get()?.['event'])

    const rows = [1, 100].map((batch) => {
      const isSingle = batch === 1
      const times = race(isSingle ? rounds.single : rounds.batched, () => {
        const drafts = Array.from({ length: batch }, callIntentDraft)
        return [() => bare(batch, text), () => recorder.recordAll(drafts)]
      })
      return rowOf(isSingle ? 'one durable event' : 'batched events', batch, times)
    })

    const start = performance.now()
    const { events, verdict } = verifyLog({ database })
    if (verdict === 'broken') throw new Error('Expected a whole log after the bench.')
    return {
      node: process.version,
      sqlite: String(database.prepare('SELECT sqlite_version() AS version').get()?.['version']),
      bytes: Buffer.byteLength(text),
      rows,
      verified_events_per_second: Math.round((events * 1000) / (performance.now() - start)),
    }
  } finally {
    bareDatabase.close()
    database.close()
    rmSync(folder, { recursive: true })
  }
}

function open(file: string): DatabaseSync {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  return database
}

/** The same bytes into a table without anything else. */
function openBare(database: DatabaseSync): (batch: number, text: string) => void {
  database.exec('CREATE TABLE event (seq INTEGER PRIMARY KEY, event TEXT NOT NULL) STRICT')
  const insert = database.prepare('INSERT INTO event (event) VALUES (?)')
  return (batch, text) => {
    database.exec('BEGIN IMMEDIATE')
    for (let index = 0; index < batch; index += 1) insert.run(text)
    database.exec('COMMIT')
  }
}

type Contender = () => void

/** Both take turns in every round, in changing order, so both meet the same disk; milliseconds a round. */
function race(rounds: number, prepare: () => [Contender, Contender]): [number, number] {
  const times: [number[], number[]] = [[], []]
  for (let round = -20; round < rounds; round += 1) {
    const contenders = prepare()
    for (const index of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const start = performance.now()
      contenders[index]()
      if (round >= 0) times[index].push(performance.now() - start)
    }
  }
  return [median(times[0]), median(times[1])]
}

function rowOf(work: string, batch: number, [bare, recorder]: [number, number]): Row {
  const micros = (milliseconds: number) => Number(((milliseconds * 1000) / batch).toFixed(1))
  return {
    work,
    batch,
    bare_us: micros(bare),
    recorder_us: micros(recorder),
    ratio: Number((recorder / bare).toFixed(2)),
  }
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}
