// A durable step beside committing the same bytes with bare SQLite: what playing, hashing, the fence and the journal cost on top of
// the disk; with a recorded event in the same transaction, beside recording it alone; and what ten thousand waiting runs cost. All on
// files of their own in one folder, with WAL and synchronous=FULL.
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'

import type { DurableEngine, WorkflowDefinition } from '../../packages/contracts/src/engine.ts'
import { openEngine } from '../../packages/durable-engine/src/index.ts'
import { openRecorder } from '../../packages/flight-recorder/src/index.ts'
import { openDurable } from './durable-append/writers.ts'
import { callIntentDraft, passingRedactor } from './event-draft.ts'
import { median, rounded } from './interleaved.ts'

export interface Row {
  readonly work: string
  /** Median microseconds of the bare commit, and of the work. */
  readonly bare_us: number
  readonly engine_us: number
  readonly ratio: number
}

export interface WaitingRuns {
  readonly runs: number
  /** Milliseconds until all are durable, until all are parked, and until a new process serves them. */
  readonly started_ms: number
  readonly parked_ms: number
  readonly restarted_ms: number
  /** Milliseconds until all have been decided and have ended. */
  readonly decided_ms: number
  /** Timers of the process while all wait: the one for what is next. */
  readonly timers: number
}

export interface Result {
  readonly node: string
  readonly rows: readonly Row[]
  readonly waiting: WaitingRuns
}

export async function run(): Promise<Result> {
  const result = await compare({ steps: 400, waiting: 10_000 })
  console.log(JSON.stringify(result.waiting))
  return result
}

export async function compare(size: { readonly steps: number; readonly waiting: number }): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'ctxlock-bench-'))
  try {
    const rows = [await stepRow(folder, size.steps), await eventRow(folder, size.steps)]
    return { node: process.version, rows, waiting: await waitingRuns(folder, size.waiting) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Every turn of the workflow is one step; in between the other contender has its turn, so both meet the same disk. */
async function raceSteps(
  database: DatabaseSync,
  steps: number,
  bare: () => void,
  commit?: WorkflowDefinition['activities'][string]['commit'],
): Promise<readonly [number, number]> {
  const times: { readonly bare: number[]; readonly step: number[] } = { bare: [], step: [] }
  const workflow: WorkflowDefinition = {
    name: 'steps',
    version: '1',
    activities: { work: { run: (input) => input, ...(commit && { commit }) } },
    async run(context) {
      for (let index = -20; index < steps; index += 1) {
        const begun = performance.now()
        await context.step('work', { hash: HASH, index }, { key: `step ${index}` })
        const between = performance.now()
        bare()
        if (index < 0) continue
        times.step.push(between - begun)
        times.bare.push(performance.now() - between)
      }
      return null
    },
  }
  const engine = openEngine({ database, environment })
  engine.register(workflow)
  await engine.serve()
  await engine.start('steps', null, { runId: 'run' })
  const { state } = await engine.ended('run')
  await engine.close()
  if (state !== 'completed') throw new Error(`Expected the run to complete, got ${state}.`)
  return [median(times.bare), median(times.step)]
}

async function stepRow(folder: string, steps: number): Promise<Row> {
  const [bareDatabase, database] = [openDurable(join(folder, 'bare.db')), openDurable(join(folder, 'engine.db'))]
  bareDatabase.exec(
    'CREATE TABLE step (run_id TEXT, key TEXT, hash TEXT, result TEXT, PRIMARY KEY (run_id, key)) STRICT',
  )
  const insert = bareDatabase.prepare('INSERT INTO step VALUES (?, ?, ?, ?)')
  let count = 0
  const times = await raceSteps(database, steps, () => {
    bareDatabase.exec('BEGIN IMMEDIATE')
    insert.run('run', `step ${(count += 1)}`, HASH, `{"hash":"${HASH}","index":${count}}`)
    bareDatabase.exec('COMMIT')
  })
  bareDatabase.close()
  database.close()
  return rowOf('one step, beside a bare commit', times)
}

async function eventRow(folder: string, steps: number): Promise<Row> {
  const [aloneDatabase, database] = [openDurable(join(folder, 'alone.db')), openDurable(join(folder, 'both.db'))]
  const recorderOf = (to: DatabaseSync) =>
    openRecorder({
      database: to,
      redactor: passingRedactor,
      clock: Date,
      random: { uuid: randomUUID, bytes: randomBytes },
    })
  const [alone, recorder] = [recorderOf(aloneDatabase), recorderOf(database)]
  const times = await raceSteps(
    database,
    steps,
    () => void alone.record(callIntentDraft()),
    () => void recorder.record(callIntentDraft()),
  )
  aloneDatabase.close()
  database.close()
  return rowOf('one step with its event, beside recording the event', times)
}

const gate: WorkflowDefinition = {
  name: 'gate',
  version: '1',
  activities: {},
  async run(context) {
    await context.waitForSignal('go')
    return null
  },
}

async function waitingRuns(folder: string, runs: number): Promise<WaitingRuns> {
  const path = join(folder, 'waiting.db')
  const runIds = Array.from({ length: runs }, (_, index) => `run-${index}`)
  const first = await serving(path)
  const start = performance.now()
  await Promise.all(runIds.map((runId) => first.engine.start('gate', { hash: HASH }, { runId })))
  const started = performance.now()
  await Promise.all(runIds.map((runId) => first.engine.ended(runId, { orWaiting: true })))
  const parked = performance.now()
  const { timers } = first
  const held = timers.size
  await first.stop()

  const again = performance.now()
  const second = await serving(path)
  const restarted = performance.now()
  const ended = Promise.all(runIds.map((runId) => second.engine.ended(runId)))
  await Promise.all(runIds.map((runId) => second.engine.signal(runId, 'go', null, { idempotencyKey: runId })))
  await ended
  const decided = performance.now()
  await second.stop()
  return {
    runs,
    started_ms: rounded(started - start),
    parked_ms: rounded(parked - start),
    restarted_ms: rounded(restarted - again),
    decided_ms: rounded(decided - restarted),
    timers: held,
  }
}

async function serving(path: string): Promise<{ engine: DurableEngine; timers: Set<unknown>; stop(): Promise<void> }> {
  const database = openDurable(path)
  const timers = new Set<unknown>()
  const engine = openEngine({
    database,
    environment: {
      ...environment,
      timers: {
        after(milliseconds, callback) {
          const timer = setTimeout(() => {
            timers.delete(timer)
            callback()
          }, milliseconds)
          timers.add(timer)
          return () => {
            timers.delete(timer)
            clearTimeout(timer)
          }
        },
      },
    },
  })
  engine.register(gate)
  await engine.serve()
  return {
    engine,
    timers,
    async stop() {
      await engine.close()
      database.close()
    },
  }
}

const HASH = 'f00d'.repeat(16)

const environment = {
  clock: { now: () => Date.now() },
  random: { uuid: () => crypto.randomUUID(), fraction: () => Math.random() },
  timers: {
    after(milliseconds: number, callback: () => void) {
      const timer = setTimeout(callback, milliseconds)
      return () => clearTimeout(timer)
    },
  },
}

function rowOf(work: string, [bare, engine]: readonly [number, number]): Row {
  return {
    work,
    bare_us: rounded(bare * 1000),
    engine_us: rounded(engine * 1000),
    ratio: Number((engine / bare).toFixed(2)),
  }
}
