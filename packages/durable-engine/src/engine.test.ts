import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { EngineError, type DurableEngine, type WorkflowDefinition } from '@ctxlock/contracts/engine'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import type { JsonValue } from '@ctxlock/core-hash'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { realTime } from '../test/support/real-time.ts'
import { openEngine, type EngineOptions } from './index.ts'

let folder: string
let databases: DatabaseSync[]
let engines: DurableEngine[]
const connect = () => {
  const database = new DatabaseSync(join(folder, 'state.db'))
  databases.push(database)
  return database
}
const open = (options: Partial<EngineOptions> = {}) => {
  const engine = openEngine({ database: connect(), environment: realTime, lookEveryMs: 5, ...options })
  engines.push(engine)
  return engine
}
const withCode = (code: string) => expect.objectContaining({ name: 'EngineError', code })
/** One step, made by `work`. */
const oneStep = (work: () => JsonValue | Promise<JsonValue>): WorkflowDefinition => ({
  name: 'job',
  version: '1.0',
  activities: { work: { run: work } },
  run: (context, input) => context.step('work', input, { key: 'k' }),
})
const runOne = async (engine: DurableEngine, definition: WorkflowDefinition, input: JsonValue = null) => {
  engine.register(definition)
  await engine.serve()
  await engine.start(definition.name, input, { runId: 'r' })
  return engine.ended('r')
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'durable-engine-'))
  databases = []
  engines = []
  connect().exec('PRAGMA journal_mode = WAL; CREATE TABLE event (text TEXT)')
})
afterEach(async () => {
  for (const engine of engines) await engine.close()
  for (const database of databases) database.close()
  rmSync(folder, { recursive: true })
})

describe('the transaction', () => {
  test('an asynchronous commit is refused and undone', async () => {
    const definition = oneStep(() => 1)
    const late = async () => {
      throw new Error('late')
    }
    // As a caller without type checks writes it.
    Object.assign(definition.activities['work'] ?? {}, { commit: late })
    expect(await runOne(open(), definition)).toMatchObject({ state: 'failed', error: { code: 'COMMIT_ASYNC' } })
  })

  test('a transaction of the host that spans an await stops the run, which is not lost', async () => {
    const database = connect()
    const engine = open({ database })
    let isOpen = true
    const definition = oneStep(() => {
      if (isOpen) database.exec('BEGIN')
      return 1
    })
    await expect(runOne(engine, definition)).rejects.toThrow(withCode('INSIDE_TRANSACTION'))
    database.exec('ROLLBACK')
    isOpen = false
    await engine.resume('r')
    expect(await engine.ended('r')).toMatchObject({ state: 'completed', result: 1 })
  })

  test('what a failing `ended` wrote is undone, and the run goes on when it is resumed', async () => {
    const engine = open()
    let isFull = true
    const definition: WorkflowDefinition = {
      ...oneStep(() => 1),
      ended(to) {
        to.exec(`INSERT INTO event VALUES ('ended')`)
        if (isFull) throw new Error('disk full')
      },
    }
    await expect(runOne(engine, definition)).rejects.toThrow('disk full')
    const events = () => connect().prepare('SELECT count(*) AS n FROM event').get()
    expect([(await engine.get('r'))?.state, events()]).toEqual(['running', { n: 0 }])
    isFull = false
    await engine.resume('r')
    expect([(await engine.ended('r')).state, events()]).toEqual(['completed', { n: 1 }])
  })
})

describe('processes', () => {
  const first = { id: 'first', isGone: () => false }
  const second = { id: 'second', isGone: () => false }
  const waiting = (): WorkflowDefinition => ({
    name: 'gate',
    version: '1',
    activities: {},
    run: async (context) => {
      const decision = await context.waitForSignal('go')
      return decision.kind === 'signal' ? decision.payload : null
    },
  })

  test('a run that a living process works on is refused, and not repeated', async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<number>()
    let calls = 0
    const definition = oneStep(() => {
      calls += 1
      return held
    })
    const [ours, theirs] = [open({ owner: first }), open({ owner: second })]
    const ended = runOne(ours, definition)
    await expect.poll(() => calls).toBe(1)
    theirs.register(definition)
    await expect(theirs.serve({ runs: ['r'] })).rejects.toThrow(withCode('RUN_TAKEN'))
    await theirs.serve()
    await expect(theirs.start('job', null, { runId: 'r' })).rejects.toThrow(withCode('RUN_TAKEN'))
    await expect(theirs.resume('r')).rejects.toThrow(withCode('RUN_TAKEN'))
    release(7)
    expect(await ended).toMatchObject({ state: 'completed', result: 7 })
    expect(await theirs.ended('r')).toMatchObject({ state: 'completed', result: 7 })
    expect(calls).toBe(1)
  })

  test('the run of a process that is gone is taken up, and what that one still writes is refused', async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<string>()
    const [ours, theirs] = [open({ owner: first }), open({ owner: { id: 'second', isGone: (id) => id === 'first' } })]
    const late = runOne(
      ours,
      oneStep(() => held),
    )
    await expect.poll(async () => (await theirs.get('r'))?.state).toBe('running')
    theirs.register(oneStep(() => 'theirs'))
    await theirs.serve()
    expect(await theirs.ended('r')).toMatchObject({ result: 'theirs' })
    release('ours')
    expect(await late).toMatchObject({ result: 'theirs' })
  })

  test('a signal and a cancellation of another process are noticed', async () => {
    const [ours, theirs] = [open({ owner: first }), open({ owner: second })]
    for (const engine of [ours, theirs]) engine.register(waiting())
    await ours.serve()
    for (const runId of ['a', 'b']) await ours.start('gate', null, { runId })
    await ours.ended('a', { orWaiting: true })
    await theirs.signal('a', 'go', 'yes', { idempotencyKey: 'x' })
    await theirs.cancel('b', { mode: 'terminate', reason: 'not needed' })
    expect(await ours.ended('a')).toMatchObject({ state: 'completed', result: 'yes' })
    expect(await ours.ended('b')).toMatchObject({ state: 'cancelled', reason: 'not needed' })
  })

  test('an engine that serves some runs leaves the others alone', async () => {
    const client = open()
    client.register(waiting())
    for (const runId of ['a', 'b']) await client.start('gate', null, { runId })
    for (const runId of ['a', 'b']) await client.signal(runId, 'go', 1, { idempotencyKey: 'x' })
    const engine = open()
    engine.register(waiting())
    await engine.serve({ runs: ['a'] })
    expect((await engine.ended('a')).state).toBe('completed')
    expect((await engine.get('b'))?.state).toBe('pending')
  })
})

describe('the file', () => {
  test('tables of a newer release are left alone', () => {
    open()
    connect().exec('INSERT INTO engine_schema VALUES (99)')
    expect(() => open()).toThrow(withCode('SCHEMA_NEWER'))
  })

  test('opening twice, or inside the host’s own transaction, changes nothing', async () => {
    const database = connect()
    inTransaction(database, () => open({ database }))
    expect(
      await runOne(
        open(),
        oneStep(() => 1),
      ),
    ).toMatchObject({ state: 'completed' })
    expect((await open().get('r'))?.state).toBe('completed')
  })

  test('runs and steps of the first version are kept', async () => {
    connect().exec(`
      CREATE TABLE engine_schema (version INTEGER NOT NULL) STRICT; INSERT INTO engine_schema VALUES (1);
      CREATE TABLE engine_run (run_id TEXT PRIMARY KEY, workflow TEXT NOT NULL, version TEXT NOT NULL, input TEXT NOT NULL,
        input_hash TEXT NOT NULL, state TEXT NOT NULL, outcome TEXT, started_at INTEGER NOT NULL, finished_at INTEGER) STRICT;
      CREATE INDEX engine_run_started ON engine_run (started_at);
      CREATE INDEX engine_run_unfinished ON engine_run (started_at) WHERE state = 'running';
      CREATE TABLE engine_step (run_id TEXT NOT NULL REFERENCES engine_run, key TEXT NOT NULL, input_hash TEXT NOT NULL,
        result TEXT NOT NULL, finished_at INTEGER NOT NULL, PRIMARY KEY (run_id, key)) STRICT, WITHOUT ROWID;
      INSERT INTO engine_run VALUES ('a', 'job', '1.0', 'null', 'h', 'completed', '{"result":1,"state":"completed"}', 5, 6),
        ('b', 'job', '1.0', '{}', 'h', 'running', NULL, 7, NULL);
      INSERT INTO engine_step VALUES ('b', 'k', 'h', '2', 8)`)
    const runs = await open().list()
    expect(runs.map(({ runId, state, result }) => [runId, state, result])).toEqual([
      ['b', 'pending', undefined],
      ['a', 'completed', 1],
    ])
    expect(connect().prepare('SELECT run_id, kind, key FROM engine_journal').all()).toEqual([
      { run_id: 'b', kind: 'step', key: 'k' },
    ])
  })

  test.each([
    ['engine_run', `input = 'no'`],
    ['engine_run', `outcome = '{"state":"completed"}'`],
    ['engine_run', `outcome = '{', state = 'failed'`],
  ])('a damaged %s (%s) is an error without its content', async (table, change) => {
    const engine = open()
    await runOne(
      engine,
      oneStep(() => 'secret'),
    )
    connect().exec(`UPDATE ${table} SET ${change}`)
    const error: unknown = await engine.get('r').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(EngineError)
    expect(error).toEqual(withCode('STATE_CORRUPT'))
    expect(String(error)).not.toContain('secret')
  })

  test('a damaged step stops its run and no other', async () => {
    const gate: WorkflowDefinition = {
      ...oneStep(() => 'secret'),
      async run(context) {
        const result = await context.step('work', null, { key: 'k' })
        await context.waitForSignal('go')
        return result
      },
    }
    const engine = open()
    engine.register(gate)
    await engine.serve()
    for (const runId of ['r', 's']) await engine.start('job', null, { runId })
    for (const runId of ['r', 's']) await engine.ended(runId, { orWaiting: true })
    connect().exec(`UPDATE engine_journal SET result = '{' WHERE run_id = 'r'`)
    for (const runId of ['r', 's']) await engine.signal(runId, 'go', 1, { idempotencyKey: 'x' })
    await expect(engine.ended('r')).rejects.toThrow(withCode('STATE_CORRUPT'))
    expect(await engine.ended('s')).toMatchObject({ state: 'completed', result: 'secret' })
  })
})
