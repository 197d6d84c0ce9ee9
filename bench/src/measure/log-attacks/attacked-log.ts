import { DatabaseSync } from 'node:sqlite'

import type { EventDraft } from '../../../../packages/contracts/src/events.ts'
import { draftOf } from '../../../../packages/contracts/src/testing.ts'
import { carryOutErasures, queryEvents } from '../../../../packages/flight-recorder/src/index.ts'
import type { KeptCheckpoint } from '../../../../packages/flight-recorder/src/index.ts'
import { keptIn, openLogFolder, recordRun } from '../../../../packages/flight-recorder/test/log-folder.ts'
import type { LogFolder } from '../../../../packages/flight-recorder/test/log-folder.ts'

export interface LogRow {
  readonly seq: number
  /** Null when it was erased. */
  readonly event: string | null
  readonly event_hash: string
}

/** A log in memory, anchored up to some event, whose rows can be changed as whoever can write the file could. */
export interface AttackedLog extends Disposable {
  readonly database: DatabaseSync
  readonly publicKey: string
  readonly kept: readonly KeptCheckpoint[]
  readonly anchored: number
  readonly last: number
  /** Positions whose text was erased, and the order that says so; it is anchored too. */
  readonly erased: ReadonlySet<number>
  readonly order: number | undefined
  /** Records an event as the owner would, signed and anchored. */
  record(draft: EventDraft): Promise<void>
  row(seq: number): LogRow
  put(row: LogRow): void
  remove(from: number, to: number): void
  /** Moves the rows from `seq` on by one place. */
  shift(seq: number, by: 1 | -1): void
  /** Writes the head that fits the rows, as somebody who knows the tables would. */
  mendHead(): void
}

/** `erases` has the calls of the second run erased by order before the log is anchored. */
export async function attackedLog(anchoredRuns: number, laterRuns: number, erases = false): Promise<AttackedLog> {
  const database = new DatabaseSync(':memory:')
  const folder = openLogFolder(database)
  for (let run = 0; run < anchoredRuns; run += 1) recordRun(folder, `run-${run}`)
  const erased = erases ? orderErasure(folder) : new Set<number>()
  await folder.anchor()
  carryOutErasures({ database })
  const count = () => Number(database.prepare('SELECT count(*) AS n FROM flight_event').get()?.['n'])
  const anchored = count()
  for (let run = 0; run < laterRuns; run += 1) recordRun(folder, `later-${run}`)
  queryEvents(database, {}, { limit: 1 })
  const triggers = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all()
  for (const { name } of triggers) database.exec(`DROP TRIGGER "${String(name)}"`)

  const select = database.prepare('SELECT seq, event, event_hash FROM flight_event WHERE seq = ?')
  const replace = database.prepare('INSERT OR REPLACE INTO flight_event (seq, event, event_hash) VALUES (?, ?, ?)')
  const hashes = database.prepare('SELECT event_hash FROM flight_event ORDER BY seq')
  return {
    database,
    publicKey: folder.publicKey,
    get kept() {
      return [keptIn(folder.anchorFile)]
    },
    anchored,
    last: count(),
    erased,
    order: erases ? anchored : undefined,
    async record(draft) {
      folder.recorder.record(draft)
      await folder.anchor()
    },
    row(seq) {
      const found = select.get(seq)
      const event = found?.['event']
      return { seq, event: typeof event === 'string' ? event : null, event_hash: String(found?.['event_hash']) }
    },
    put: ({ seq, event, event_hash }) => void replace.run(seq, event, event_hash),
    remove: (from, to) => void database.prepare('DELETE FROM flight_event WHERE seq BETWEEN ? AND ?').run(from, to),
    shift(seq, by) {
      // Through negative numbers: no two rows may have one number meanwhile.
      database.prepare('UPDATE flight_event SET seq = -(seq + ?) WHERE seq >= ?').run(by, seq)
      database.exec('UPDATE flight_event SET seq = -seq WHERE seq < 0')
    },
    mendHead() {
      const rows = hashes.all()
      const last = String(rows.at(-1)?.['event_hash'] ?? '0'.repeat(64))
      database.prepare('UPDATE flight_head SET count = ?, last_hash = ?').run(rows.length, last)
    },
    [Symbol.dispose]() {
      folder[Symbol.dispose]()
    },
  }
}

/** The second run has six events, of which header and end stay. */
function orderErasure({ recorder }: LogFolder): Set<number> {
  const [from, to] = [8, 11]
  const draft = draftOf('erasure_ordered')
  const runs = [{ workflow_run_id: 'run-1', events: to - from + 1 }]
  recorder.record({
    ...draft,
    payload: { ...draft.payload, events: [{ from, to }], runs, calls: [], run_ids: [], objects: [], vault_objects: [] },
  })
  return new Set(Array.from({ length: to - from + 1 }, (_, offset) => from + offset))
}
