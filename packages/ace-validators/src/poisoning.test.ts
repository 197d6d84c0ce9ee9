import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import type { InjectionMatch } from '@ctxlock/contracts/guards'
import { JobState } from '@ctxlock/contracts/primitives'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import {
  assertNotPoisoned,
  createJobTable,
  moveJob,
  mutate,
  openFence,
  type PoisonEvent,
  poisonJob,
  type PoisonRequest,
  readJob,
  recoverPoisonedJobs,
  registerJob,
} from './poisoning.ts'
import { canMove, isTerminal } from './poisoning/job-state.ts'

const SEED = 20261120
const H = (digit: string): string => digit.repeat(64)
const refused = (code: string) => expect.objectContaining({ name: 'ValidatorError', code })

const match = (content_hash: string): InjectionMatch => ({
  pattern_id: 'PI-001',
  view_id: 'V0',
  offset: 3,
  length: 15,
  members: [
    {
      block: '50-000',
      candidate_id: 'c'.repeat(32),
      source_ref_hash: H('5'),
      content_hash,
      utf16_start: 3,
      utf16_end: 18,
      utf8_start: 3,
      utf8_end: 18,
    },
  ],
  table_version: 'unicode-17.0.0+17.0',
})
const request = (job_id: string, more: Partial<PoisonRequest> = {}): PoisonRequest => ({
  job_id,
  violation_id: '11111111-1111-4111-8111-111111111111',
  guard: 'PromptInjectionGuard',
  matches: [match(H('1'))],
  policy_profile_id: 'default',
  context_snapshot_id: null,
  ...more,
})

let folder: string
let database: DatabaseSync

function open(): DatabaseSync {
  const opened = new DatabaseSync(join(folder, 'state.db'), { timeout: 2000 })
  opened.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  createJobTable(opened)
  opened.exec(
    'CREATE TABLE IF NOT EXISTS events (key TEXT PRIMARY KEY, job_id TEXT, body TEXT); CREATE TABLE IF NOT EXISTS files (path TEXT, text TEXT)',
  )
  return opened
}

/** A recorder on the same connection: exactly once by idempotency key (REC-021). */
const recordIn =
  (connection: DatabaseSync) =>
  (event: PoisonEvent, job_id: string): void => {
    connection
      .prepare('INSERT OR IGNORE INTO events VALUES (?, ?, ?)')
      .run(event.idempotency_key, job_id, JSON.stringify(event))
  }
const events = (): PoisonEvent[] =>
  database
    .prepare('SELECT body FROM events')
    .all()
    .map((row) => JSON.parse(String(row['body'])))
const files = (): unknown[] =>
  database
    .prepare('SELECT text FROM files')
    .all()
    .map((row) => row['text'])
const write = (text: string) => () => database.prepare('INSERT INTO files VALUES (?, ?)').run('a.ts', text)

function running(job_id: string, parent_job_id: string | null = null, inputs_hash = H('a'), signal?: AbortSignal) {
  const fence = registerJob(database, { job_id, parent_job_id, inputs_hash }, signal)
  moveJob(database, fence, 'running')
  return fence
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ctxlock-poisoning-'))
  database = open()
})
afterEach(() => {
  database.close()
  rmSync(folder, { recursive: true })
})

describe('T-VAL-101: atomic poisoning', () => {
  it('commits state, epoch, cancelled descendants and one event together; the parent stays', () => {
    const parent = running('job')
    const child = running('job.1', 'job')
    const grandchild = running('job.1.1', 'job.1')
    const done = running('job.1.2', 'job.1', H('b'))
    moveJob(database, done, 'completed')

    const result = poisonJob(database, request('job.1', { nodes_terminated: 3 }), recordIn(database))
    expect(result).toEqual({
      outcome: 'poisoned',
      state: 'poisoned',
      epoch: 1,
      cancelled: ['job.1.1'],
      event: 'recorded',
    })
    expect(readJob(database, 'job.1')).toMatchObject({ state: 'poisoned', epoch: 1 })
    expect(readJob(database, 'job.1.1')).toMatchObject({ state: 'cancelled', reason: 'parent_poisoned', epoch: 1 })
    expect(readJob(database, 'job.1.2')).toMatchObject({ state: 'completed' })
    expect(readJob(database, 'job')).toMatchObject({ state: 'running' })
    expect(() => assertNotPoisoned(database, parent)).not.toThrow()
    expect(() => assertNotPoisoned(database, child)).toThrow(refused('JOB_POISONED'))
    expect(() => assertNotPoisoned(database, grandchild)).toThrow(refused('JOB_POISONED'))

    expect(events()).toMatchObject([
      {
        violation_type: 'prompt_injection',
        severity: 'critical',
        action_taken: 'poisoned',
        job_state_from: 'running',
        job_state_to: 'poisoned',
        nodes_terminated: 3,
        child_jobs_cancelled: 1,
        mutation_fence: true,
        matches: [{ pattern_id: 'PI-001', candidate_id: 'c'.repeat(32), content_hash: H('1') }],
      },
    ])
  })

  it('VAL-070, P5: poisoned stays poisoned: no write, no step, no new fence, no second life of the id', () => {
    const fence = running('job')
    mutate(database, fence, write('before'))
    poisonJob(database, request('job'), recordIn(database))
    expect(() => mutate(database, fence, write('after'))).toThrow(refused('JOB_POISONED'))
    expect(() => mutate(database, { job_id: 'job', epoch: 1 }, write('after'))).toThrow(refused('JOB_POISONED'))
    expect(() => moveJob(database, fence, 'completed')).toThrow(refused('JOB_POISONED'))
    expect(() => moveJob(database, { job_id: 'job', epoch: 1 }, 'running')).toThrow(refused('JOB_POISONED'))
    expect(() => openFence(database, 'job')).toThrow(refused('JOB_POISONED'))
    expect(() => registerJob(database, { job_id: 'job', parent_job_id: null, inputs_hash: H('a') })).toThrow(
      refused('JOB_STATE_INVALID'),
    )
    expect(files()).toEqual(['before'])
    // VAL-071: what came too late was dropped and counted.
    expect(readJob(database, 'job')?.late_results).toBe(2)
  })

  it('wins by compare-and-set in the last step before completion, and loses to one that is over', () => {
    const early = running('early')
    poisonJob(database, request('early'), recordIn(database))
    expect(() => moveJob(database, early, 'completed')).toThrow(refused('JOB_POISONED'))
    const late = running('late')
    moveJob(database, late, 'completed')
    expect(poisonJob(database, request('late'), recordIn(database))).toMatchObject({
      outcome: 'terminal',
      state: 'completed',
      event: 'none',
    })
    expect(readJob(database, 'late')?.state).toBe('completed')
    expect(events()).toHaveLength(1)
  })

  it('VAL-074: two detections make one poisoning and one event, with at most 16 matches', () => {
    running('job')
    const many = Array.from({ length: 20 }, (_, index) => match(H(String(index % 10))))
    expect(poisonJob(database, request('job', { matches: many }), recordIn(database)).outcome).toBe('poisoned')
    const again = poisonJob(
      database,
      request('job', { violation_id: '22222222-2222-4222-8222-222222222222' }),
      recordIn(database),
    )
    expect(again).toMatchObject({ outcome: 'already_poisoned', epoch: 1, event: 'none' })
    expect(events()).toHaveLength(1)
    expect(events()[0]?.matches).toHaveLength(16)
  })

  it('a write under way on another connection either stands before the poisoning or is refused', () => {
    const fence = running('job')
    const other = open()
    try {
      database.exec('BEGIN IMMEDIATE')
      assertNotPoisoned(database, fence)
      write('first')()
      // The poisoner has to wait for the write lock: nothing comes between check and commit.
      other.exec('PRAGMA busy_timeout = 1')
      expect(() => poisonJob(other, request('job'), recordIn(other))).toThrow(/locked/)
      database.exec('COMMIT')
      other.exec('PRAGMA busy_timeout = 2000')
      expect(poisonJob(other, request('job'), recordIn(other)).outcome).toBe('poisoned')
    } finally {
      other.close()
    }
    expect(() => mutate(database, fence, write('second'))).toThrow(refused('JOB_POISONED'))
    expect(files()).toEqual(['first'])
  })

  it('undoes the whole change when the work fails, and only then', () => {
    const fence = running('job')
    const half = (): never => {
      write('half')()
      throw new Error('disk full')
    }
    expect(() => mutate(database, fence, half)).toThrow('disk full')
    expect(mutate(database, fence, () => 7)).toBe(7)
    expect(files()).toEqual([])
    expect(readJob(database, 'job')?.late_results).toBe(0)
  })

  it('refuses work that goes on after it returned, and undoes what it did until then', async () => {
    const fence = running('job')
    const slow = async (): Promise<void> => {
      write('early')()
      await Promise.reject(new Error('its own failure'))
    }
    expect(() => mutate(database, fence, slow)).toThrow(refused('MUTATION_ASYNC'))
    expect(files()).toEqual([])
  })

  it('P1 to P3: raises the fence in memory, commits, and only then aborts, descendants too', () => {
    const order: string[] = []
    const controller = new AbortController()
    const fence = running('job', null, H('a'), controller.signal)
    running('job.1', 'job')
    const other = open()
    // What another connection sees is committed.
    const say = (what: string, job_id: string): void => {
      const { n } = { n: 0, ...other.prepare('SELECT count(*) AS n FROM events').get() }
      order.push(`${what} ${job_id}: ${readJob(other, 'job')?.state}, events ${n}`)
    }
    poisonJob(database, request('job'), recordIn(database), {
      raise: (job_id) => {
        say('raise', job_id)
        if (job_id === 'job') controller.abort()
      },
      abort: (job_id) => say('abort', job_id),
    })
    other.close()
    expect(order).toEqual([
      'raise job: running, events 0',
      'raise job.1: poisoned, events 1',
      'abort job: poisoned, events 1',
      'abort job.1: poisoned, events 1',
    ])
    expect(() => assertNotPoisoned(database, { ...fence, epoch: 1 })).toThrow(refused('JOB_POISONED'))
  })

  it('an aborted signal closes the gate even while the table still says running', () => {
    const controller = new AbortController()
    const fence = running('job', null, H('a'), controller.signal)
    controller.abort()
    expect(() => mutate(database, fence, write('x'))).toThrow(refused('JOB_POISONED'))
    expect(files()).toEqual([])
  })

  it('refuses to poison inside a transaction that could be rolled back', () => {
    running('job')
    database.exec('BEGIN')
    expect(() => poisonJob(database, request('job'), recordIn(database))).toThrow(refused('POISON_IN_TRANSACTION'))
    database.exec('ROLLBACK')
  })

  it('poisons the id of a job nobody registered', () => {
    expect(poisonJob(database, request('ghost'), recordIn(database)).outcome).toBe('poisoned')
    expect(() => registerJob(database, { job_id: 'ghost', parent_job_id: null, inputs_hash: H('a') })).toThrow(
      refused('JOB_STATE_INVALID'),
    )
  })
})

describe('P4, VAL-073: recorder outage and recovery', () => {
  const outage = (): never => {
    throw new Error('recorder is down')
  }

  it('keeps the state and records the event later, once', () => {
    const fence = running('job')
    const result = poisonJob(database, request('job'), outage)
    expect(result).toMatchObject({ outcome: 'poisoned', event: 'pending', problem: expect.any(Error) })
    expect(() => mutate(database, fence, write('x'))).toThrow(refused('JOB_POISONED'))
    expect(recoverPoisonedJobs(database, outage)).toEqual([{ job_id: 'job', event: 'pending' }])
    expect(recoverPoisonedJobs(database, recordIn(database))).toEqual([{ job_id: 'job', event: 'recorded' }])
    expect(recoverPoisonedJobs(database, outage)).toEqual([{ job_id: 'job', event: 'present' }])
    expect(events()).toMatchObject([{ violation_id: request('job').violation_id }])
  })

  it('records once although two processes recover at the same time', () => {
    running('job')
    poisonJob(database, request('job'), outage)
    const keyless = new DatabaseSync(join(folder, 'state.db'))
    keyless.exec('CREATE TABLE recorded (job_id TEXT)')
    const record = (connection: DatabaseSync) => (_: PoisonEvent, job_id: string) => {
      connection.prepare('INSERT INTO recorded VALUES (?)').run(job_id)
    }
    // The other process comes first, after this one has seen what is to be done and before it does it.
    const prepare = database.prepare.bind(database)
    const late = {
      isTransaction: false,
      prepare,
      exec: (sql: string) => {
        if (sql.startsWith('BEGIN')) recoverPoisonedJobs(keyless, record(keyless))
        database.exec(sql)
      },
    }
    expect(recoverPoisonedJobs(late, record(database))).toEqual([{ job_id: 'job', event: 'present' }])
    expect(keyless.prepare('SELECT count(*) AS n FROM recorded').get()).toEqual({ n: 1 })
    keyless.close()
  })

  it('leaves nothing of a half-written event behind', () => {
    running('job')
    const half = (event: PoisonEvent, job_id: string): never => {
      recordIn(database)(event, job_id)
      throw new Error('no space left')
    }
    expect(poisonJob(database, request('job'), half).event).toBe('pending')
    expect(events()).toEqual([])
  })

  it('survives a restart: still poisoned, no second event, a lost event is written again', () => {
    running('job')
    poisonJob(database, request('job'), recordIn(database))
    database.close()
    database = open()
    expect(readJob(database, 'job')?.state).toBe('poisoned')
    const isRecorded = (key: string): boolean =>
      database.prepare('SELECT 1 FROM events WHERE key = ?').get(key) !== undefined
    expect(recoverPoisonedJobs(database, recordIn(database), isRecorded)).toEqual([{ job_id: 'job', event: 'present' }])
    database.exec('DELETE FROM events')
    expect(recoverPoisonedJobs(database, recordIn(database), isRecorded)).toEqual([
      { job_id: 'job', event: 'recorded' },
    ])
    expect(events()).toHaveLength(1)
  })

  it('is undone as a whole when the process dies before the commit', () => {
    const fence = running('job')
    const other = open()
    other.exec('BEGIN IMMEDIATE')
    other.exec(`UPDATE ace_jobs SET state = 'poisoned', epoch = 1`)
    other.close()
    expect(() => assertNotPoisoned(database, fence)).not.toThrow()
    expect(poisonJob(database, request('job'), recordIn(database)).outcome).toBe('poisoned')
  })
})

describe('VAL-072: children', () => {
  it('may not be tried again with the inputs that poisoned one', () => {
    running('job')
    running('job.1', 'job', H('b'))
    poisonJob(database, request('job.1'), recordIn(database))
    const again = (inputs_hash: string, job_id: string) => () =>
      registerJob(database, { job_id, parent_job_id: 'job', inputs_hash })
    expect(again(H('b'), 'job.2')).toThrow(refused('POISONED_INPUTS_RETRIED'))
    expect(again(H('c'), 'job.2')).not.toThrow()
  })

  it('need a parent that goes on', () => {
    const child = (parent_job_id: string) => () =>
      registerJob(database, { job_id: 'child', parent_job_id, inputs_hash: H('a') })
    expect(child('nobody')).toThrow(refused('JOB_STATE_INVALID'))
    moveJob(database, running('over'), 'failed')
    expect(child('over')).toThrow(refused('JOB_STATE_INVALID'))
    running('bad')
    poisonJob(database, request('bad'), recordIn(database))
    expect(child('bad')).toThrow(refused('JOB_POISONED'))
  })
})

describe('the state machine', () => {
  it('leads from every state that has not ended to an end, and from an end nowhere', () => {
    for (const from of JobState.options) {
      const next = JobState.options.filter((to) => canMove(from, to))
      expect(next.length === 0).toBe(isTerminal(from))
      expect(next).not.toContain('poisoned')
      if (!isTerminal(from)) expect(next).toContain('cancelled')
    }
    expect(JobState.options.filter(isTerminal)).toEqual([
      'completed',
      'completed_with_issues',
      'failed',
      'cancelled',
      'poisoned',
    ])
  })

  it('property: whatever is tried in whatever order, a poisoned job stays poisoned and keeps one event', () => {
    const step = fc.constantFrom<JobState | 'poison' | 'write'>(...JobState.options, 'poison', 'write')
    let run = 0
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        run += 1
        const job_id = `job-${run}`
        const fence = registerJob(database, { job_id, parent_job_id: null, inputs_hash: H('a') })
        let poisonedAt: number | undefined
        for (const [index, one] of steps.entries()) {
          const before = readJob(database, job_id)?.state
          if (one === 'poison') {
            const { outcome } = poisonJob(database, request(job_id), recordIn(database))
            if (outcome === 'poisoned') poisonedAt ??= index
            continue
          }
          try {
            if (one === 'write')
              mutate(database, fence, () => database.prepare('INSERT INTO files VALUES (?, ?)').run(job_id, `${index}`))
            else moveJob(database, fence, one)
          } catch (error) {
            expect(error).toMatchObject({ name: 'ValidatorError' })
            expect(readJob(database, job_id)?.state).toBe(before)
          }
        }
        const written = database
          .prepare('SELECT text FROM files WHERE path = ?')
          .all(job_id)
          .map((row) => Number(row['text']))
        const recorded = database.prepare('SELECT count(*) AS n FROM events WHERE job_id = ?').get(job_id)
        expect(Number(recorded?.['n'])).toBe(poisonedAt === undefined ? 0 : 1)
        if (poisonedAt === undefined) return
        expect(readJob(database, job_id)?.state).toBe('poisoned')
        expect(written.filter((index) => index > Number(poisonedAt))).toEqual([])
      }),
      { seed: SEED, numRuns: 100 },
    )
  })
})
