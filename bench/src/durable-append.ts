// Recording an event beside committing the same bytes with bare SQLite: what validation, redaction, canonical form, hash, chain
// and tree cost on top of the disk, with what else keeps events beside it. Each writes to a file of its own in one folder.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  bareWriter,
  duckWriter,
  linesWriter,
  openDurable,
  pinoWriter,
  recorderWriter,
} from './durable-append/writers.ts'
import type { Batch, Writer } from './durable-append/writers.ts'
import { readingRates } from './durable-append/reading.ts'
import type { ReadingRates } from './durable-append/reading.ts'
import { callIntentDraft } from './event-draft.ts'
import { median } from './interleaved.ts'

export interface Row {
  readonly work: string
  /** Median microseconds an event. */
  readonly bare_us: number
  readonly recorder_us: number
  readonly ndjson_us: number
  readonly pino_us: number
  readonly duckdb_us: number
  /** Recorder to bare SQLite; the bars are 1.3 for a single event and 2 in batches. */
  readonly ratio: number
}

export interface Comparison {
  readonly node: string
  /** Bytes of one canonical event. */
  readonly bytes: number
  readonly rows: readonly Row[]
}

export interface Result extends Comparison {
  readonly reading: ReadingRates
}

export async function run(): Promise<Result> {
  const reading = readingRates(300_000)
  console.log(JSON.stringify(reading))
  return { ...(await compare({ single: 600, batched: 200 })), reading }
}

/** One row for a single durable event, one for a hundred in a commit. */
export async function compare(rounds: { readonly single: number; readonly batched: number }): Promise<Comparison> {
  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-bench-'))
  const database = openDurable(join(folder, 'log.db'))
  const writers = {
    bare: bareWriter(folder),
    recorder: recorderWriter(database),
    ndjson: linesWriter(folder),
    pino: pinoWriter(folder),
    duckdb: await duckWriter(folder),
  }
  try {
    const draftsOf = (events: number) => Array.from({ length: events }, callIntentDraft)
    writers.recorder.write({ drafts: draftsOf(100), stored: [] })
    const newest = database.prepare('SELECT event, event_hash FROM flight_event ORDER BY seq DESC LIMIT ?')
    const batchOf = (events: number): Batch => ({
      drafts: draftsOf(events),
      stored: newest.all(events).map(({ event, event_hash }) => ({ text: String(event), hash: String(event_hash) })),
    })
    const [one] = batchOf(1).stored
    const rows = [
      rowOf(
        'one durable event',
        1,
        race(writers, rounds.single, () => batchOf(1)),
      ),
      rowOf(
        'events in batches of 100',
        100,
        race(writers, rounds.batched, () => batchOf(100)),
      ),
    ]
    return { node: process.version, bytes: Buffer.byteLength(one?.text ?? ''), rows }
  } finally {
    for (const writer of Object.values(writers)) writer.close()
    rmSync(folder, { recursive: true })
  }
}

/** All take turns in every round, so all meet the same disk; median milliseconds a round, by the writer's name. */
function race(
  writers: Readonly<Record<string, Writer>>,
  rounds: number,
  next: () => Batch,
): ReadonlyMap<string, number> {
  const contenders = Object.entries(writers).map(([key, writer]) => ({ key, writer, times: new Array<number>() }))
  for (let round = -20; round < rounds; round += 1) {
    const turn = (round + 20) % contenders.length
    const order = [...contenders.slice(turn), ...contenders.slice(0, turn)]
    // Back and forth, so that none always follows the same other.
    for (const { writer, times } of round % 2 === 0 ? order : order.toReversed()) {
      // Made right before: whoever records an event has just made it, and has not filled the processor's caches with other work since.
      const batch = next()
      const start = performance.now()
      writer.write(batch)
      if (round >= 0) times.push(performance.now() - start)
    }
  }
  return new Map(contenders.map(({ key, times }) => [key, median(times)]))
}

function rowOf(work: string, events: number, times: ReadonlyMap<string, number>): Row {
  const micros = (writer: string) => Number((((times.get(writer) ?? Number.NaN) * 1000) / events).toFixed(1))
  const [bare_us, recorder_us] = [micros('bare'), micros('recorder')]
  return {
    work,
    bare_us,
    recorder_us,
    ndjson_us: micros('ndjson'),
    pino_us: micros('pino'),
    duckdb_us: micros('duckdb'),
    ratio: Number((recorder_us / bare_us).toFixed(2)),
  }
}
