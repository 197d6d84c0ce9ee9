import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import type { SqlDatabase } from '@ctxlock/contracts/ports'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { EngineError } from './engine-error.ts'
import { openEngine } from './engine.ts'

fc.configureGlobal({ seed: 20261120 })

let folder: string
let database: DatabaseSync
let time = 0
const clock = { now: () => (time += 1) }
const open = () => openEngine({ database, clock })
const reopen = () => {
  database.close()
  database = new DatabaseSync(join(folder, 'state.db'))
  return open()
}
/** A method as a caller without type checks sees it. */
const untyped = (owner: object, name: string) => Object.getOwnPropertyDescriptor(owner, name)?.value
const withCode = (code: string) => expect.objectContaining({ name: 'EngineError', code })

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'durable-engine-'))
  database = new DatabaseSync(join(folder, 'state.db'))
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE event (text TEXT)')
  time = 1000
})
afterEach(() => {
  if (database.isOpen) database.close()
  rmSync(folder, { recursive: true })
})

describe('runs', () => {
  test('start, find again, finish, list', () => {
    const engine = open()
    const { created, run } = engine.startRun('r1', 'job', '1.0', { task: 'abc' })
    expect(created).toBe(true)
    expect(run).toEqual({
      runId: 'r1',
      workflow: 'job',
      version: '1.0',
      input: { task: 'abc' },
      state: 'running',
      startedAt: 1001,
    })
    expect(engine.startRun('r1', 'job', '1.7', { task: 'abc' })).toEqual({ created: false, run })
    engine.startRun('r2', 'job', '1.0', null)
    expect(engine.unfinished().map(({ runId }) => runId)).toEqual(['r1', 'r2'])
    engine.finishRun('r1', { state: 'completed', result: { hash: 'x' } })
    engine.finishRun('r2', { state: 'failed', error: { name: 'E', message: 'why' } })
    const later = reopen()
    expect(later.getRun('r1')).toEqual({ ...run, state: 'completed', result: { hash: 'x' }, finishedAt: 1003 })
    expect(later.getRun('r2')).toMatchObject({ state: 'failed', error: { name: 'E', message: 'why' } })
    expect(later.getRun('r3')).toBeUndefined()
    expect(later.unfinished()).toEqual([])
    expect(later.listRuns().map(({ runId }) => runId)).toEqual(['r2', 'r1'])
    expect(later.listRuns({ limit: 1 })).toHaveLength(1)
  })

  test('an id belongs to one workflow, major version and input', () => {
    const engine = open()
    engine.startRun('r', 'job', '1.0', { a: 1, b: 2 })
    expect(engine.startRun('r', 'job', '1.0', { b: 2, a: 1 }).created).toBe(false)
    expect(() => engine.startRun('r', 'job', '1.0', { a: 2 })).toThrow(withCode('RUN_CONFLICT'))
    expect(() => engine.startRun('r', 'other', '1.0', { a: 1, b: 2 })).toThrow(withCode('RUN_CONFLICT'))
    expect(() => engine.startRun('r', 'job', '2.0', { a: 1, b: 2 })).toThrow(withCode('VERSION_MISMATCH'))
  })

  test('finishing twice the same way is no second finish, another way is refused', () => {
    const engine = open()
    engine.startRun('r', 'job', '1', null)
    let commits = 0
    const outcome = { state: 'completed', result: 1 } as const
    engine.finishRun('r', outcome, () => (commits += 1))
    engine.finishRun('r', outcome, () => (commits += 1))
    expect(commits).toBe(1)
    expect(() => engine.finishRun('r', { state: 'completed', result: 2 })).toThrow(withCode('RUN_FINISHED'))
    expect(() => engine.finishRun('x', outcome)).toThrow(withCode('RUN_UNKNOWN'))
  })

  test('a failing commit keeps the run running', () => {
    const engine = open()
    engine.startRun('r', 'job', '1', null)
    const failing = () => {
      throw new Error('disk full')
    }
    expect(() => engine.finishRun('r', { state: 'completed', result: null }, failing)).toThrow('disk full')
    expect(engine.getRun('r')?.state).toBe('running')
  })

  test.each(['', 'a\nb', 'x'.repeat(257)])('the id %j is refused', async (id) => {
    const engine = open()
    expect(() => engine.startRun(id, 'job', '1', null)).toThrow(withCode('ID_INVALID'))
    engine.startRun('r', 'job', '1', null)
    await expect(engine.step('r', id, null, () => 1)).rejects.toThrow(withCode('ID_INVALID'))
  })
})

describe('steps', () => {
  test('a finished step returns its result without running again, after a restart too', async () => {
    let engine = open()
    engine.startRun('r', 'job', '1', null)
    let calls = 0
    const work = () => ({ z: (calls += 1), a: ['\u0065\u0301', -1.5, null] })
    const first = await engine.step('r', 'k', { n: 1 }, work)
    engine = reopen()
    expect(await engine.step('r', 'k', { n: 1 }, work)).toEqual(first)
    expect(first).toEqual({ z: 1, a: ['\u0065\u0301', -1.5, null] })
    expect(calls).toBe(1)
    engine.finishRun('r', { state: 'completed', result: null })
    expect(await engine.step('r', 'k', { n: 1 }, work)).toEqual(first)
    await expect(engine.step('r', 'new', null, work)).rejects.toThrow(withCode('RUN_FINISHED'))
    expect(calls).toBe(1)
  })

  test('another input under a key is refused, finished or under way', async () => {
    const engine = open()
    engine.startRun('r', 'job', '1', null)
    let release: (value: number) => void = () => undefined
    const pending = engine.step('r', 'k', 'a', () => new Promise<number>((resolve) => (release = resolve)))
    await expect(engine.step('r', 'k', 'b', () => 2)).rejects.toThrow(withCode('NON_DETERMINISM'))
    const shared = engine.step('r', 'k', 'a', () => 3)
    release(1)
    expect(await Promise.all([pending, shared])).toEqual([1, 1])
    await expect(engine.step('r', 'k', 'b', () => 2)).rejects.toThrow(withCode('NON_DETERMINISM'))
    // Inputs are compared byte by byte: an NFC form is another input.
    await engine.step('r', 'nfc', 'e\u0301', () => 1)
    await expect(engine.step('r', 'nfc', '\u00e9', () => 1)).rejects.toThrow(withCode('NON_DETERMINISM'))
  })

  test('a failed step is not finished and runs again', async () => {
    const engine = open()
    engine.startRun('r', 'job', '1', null)
    let calls = 0
    const work = () => {
      calls += 1
      if (calls === 1) throw new Error('no network')
      return calls
    }
    await expect(engine.step('r', 'k', null, work)).rejects.toThrow('no network')
    expect(await engine.step('r', 'k', null, work)).toBe(2)
  })

  test('the result and what commit wrote stand or fall together', async () => {
    const engine = open()
    engine.startRun('r', 'job', '1', null)
    const write = (to: SqlDatabase, text: string) => to.prepare('INSERT INTO event VALUES (?)').run(text)
    let calls = 0
    const failing = engine.step(
      'r',
      'k',
      null,
      () => (calls += 1),
      (to) => {
        write(to, 'first')
        throw new Error('later event refused')
      },
    )
    await expect(failing).rejects.toThrow('later event refused')
    expect(database.prepare('SELECT * FROM event').all()).toEqual([])
    await engine.step(
      'r',
      'k',
      null,
      () => (calls += 1),
      (to, result) => void write(to, JSON.stringify(result)),
    )
    expect(database.prepare('SELECT text FROM event').all()).toEqual([{ text: '2' }])
    expect(calls).toBe(2)
  })

  test('an asynchronous commit is refused and undone', async () => {
    const engine = open()
    engine.startRun('r', 'job', '1', null)
    const late = async () => {
      throw new Error('late')
    }
    const commit: () => void = untyped({ late }, 'late')
    await expect(engine.step('r', 'k', null, () => 1, commit)).rejects.toThrow(withCode('COMMIT_ASYNC'))
    expect(await engine.step('r', 'k', null, () => 2)).toBe(2)
  })

  test('a step that would end inside an open transaction is refused', async () => {
    const engine = open()
    engine.startRun('r', 'job', '1', null)
    const work = async () => {
      database.exec('BEGIN')
      return 1
    }
    await expect(engine.step('r', 'k', null, work)).rejects.toThrow(withCode('INSIDE_TRANSACTION'))
    database.exec('ROLLBACK')
    expect(await engine.step('r', 'k', null, () => 2)).toBe(2)
  })

  test('a run that was finished meanwhile takes no more results', async () => {
    const engine = open()
    engine.startRun('r', 'job', '1', null)
    const step = engine.step('r', 'k', null, async () => {
      engine.finishRun('r', { state: 'failed', error: { name: 'E', message: 'stopped' } })
      return 1
    })
    await expect(step).rejects.toThrow(withCode('RUN_FINISHED'))
  })

  test('a second process that finished the step first wins, and nothing of ours is kept', async () => {
    const engine = open()
    engine.startRun('r', 'job', '1', null)
    const other = new DatabaseSync(join(folder, 'state.db'))
    const ours = engine.step(
      'r',
      'k',
      null,
      async () => {
        await openEngine({ database: other, clock }).step('r', 'k', null, () => 'theirs')
        return 'ours'
      },
      (to) => to.exec(`INSERT INTO event VALUES ('ours')`),
    )
    await expect(ours).rejects.toThrow(withCode('STEP_TAKEN'))
    other.close()
    expect(await engine.step('r', 'k', null, () => 'again')).toBe('theirs')
    expect(database.prepare('SELECT * FROM event').all()).toEqual([])
  })

  test('the work gets a copy of its input and a stable key', async () => {
    const engine = open()
    engine.startRun('r', 'job', '1', null)
    const input = { list: [1] }
    const seen = await engine.step('r', 'k', input, (given, scope) => {
      if (typeof given === 'object' && given !== null && !Array.isArray(given)) given['list'] = 'changed'
      return scope.idempotencyKey
    })
    expect(seen).toBe('r/k')
    expect(input).toEqual({ list: [1] })
  })

  test.each([
    ['NOT_JSON', Number.NaN],
    ['NOT_JSON', new Date(0)],
    ['NOT_JSON', undefined],
    ['NOT_JSON', '\ud800'],
    ['TOO_LARGE', 'x'.repeat(1024 * 1024)],
  ])('%s: a value that cannot be kept is refused as input and as result', async (code, value) => {
    const engine = open()
    engine.startRun('r', 'job', '1', null)
    const step: (...values: unknown[]) => Promise<unknown> = untyped(engine, 'step')
    await expect(step('r', 'k', value, () => 1)).rejects.toThrow(withCode(code))
    await expect(step('r', 'k', null, () => value)).rejects.toThrow(withCode(code))
    expect(await engine.step('r', 'k', null, () => 1)).toBe(1)
  })

  test('the clock is read once per key', () => {
    let engine = open()
    engine.startRun('r', 'job', '1', null)
    const first = engine.now('r', 'start')
    engine = reopen()
    expect(engine.now('r', 'start')).toBe(first)
    expect(engine.now('r', 'later')).toBeGreaterThan(first)
    expect(() => engine.now('x', 'start')).toThrow(withCode('RUN_UNKNOWN'))
  })

  test('a step and a clock reading cannot share a key', async () => {
    const engine = open()
    engine.startRun('r', 'job', '1', null)
    engine.now('r', 'k')
    await expect(engine.step('r', 'k', null, () => 1)).rejects.toThrow(withCode('NON_DETERMINISM'))
  })

  test('whatever is interrupted, finished steps are not repeated and give what they gave', async () => {
    const plan = fc.array(fc.record({ key: fc.nat({ max: 5 }), crash: fc.boolean(), fails: fc.boolean() }), {
      maxLength: 30,
    })
    let runs = 0
    await fc.assert(
      fc.asyncProperty(plan, async (steps) => {
        let engine = open()
        const runId = `p${(runs += 1)}`
        engine.startRun(runId, 'job', '1', null)
        const finished = new Map<number, unknown>()
        for (const { key, crash, fails } of steps) {
          let called = false
          const result = await engine
            .step(runId, `k${key}`, key, () => {
              called = true
              if (fails) throw new Error('failed')
              return { key, at: clock.now() }
            })
            .catch(() => undefined)
          expect(called).toBe(!finished.has(key))
          if (finished.has(key)) expect(result).toEqual(finished.get(key))
          else if (result !== undefined) finished.set(key, result)
          if (crash) engine = reopen()
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('the file', () => {
  test('tables of a newer release are left alone', () => {
    open()
    database.exec('INSERT INTO engine_schema VALUES (99)')
    expect(() => open()).toThrow(withCode('SCHEMA_NEWER'))
  })

  test('opening twice, or inside the host’s own transaction, changes nothing', () => {
    inTransaction(database, open)
    open().startRun('r', 'job', '1', null)
    expect(open().getRun('r')?.state).toBe('running')
  })

  test.each([
    ['engine_step', `result = '{'`],
    ['engine_run', `input = 'no'`],
    ['engine_run', `state = 'completed', outcome = '{"state":"completed"}'`],
    ['engine_run', `state = 'failed', outcome = '{"state":"failed","error":{"name":1}}'`],
  ])('a damaged %s (%s) is an error without its content', async (table, change) => {
    const engine = open()
    engine.startRun('r', 'job', '1', null)
    await engine.step('r', 'k', null, () => 'secret')
    database.exec(`UPDATE ${table} SET ${change}`)
    const reading = async () => [engine.getRun('r'), await engine.step('r', 'k', null, () => 1)]
    const error: unknown = await reading().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(EngineError)
    expect(error).toEqual(withCode('STATE_CORRUPT'))
    expect(String(error)).not.toContain('secret')
  })
})
