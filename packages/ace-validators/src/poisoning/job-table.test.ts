import { DatabaseSync } from 'node:sqlite'

import { JobState } from '@ctxlock/contracts/primitives'
import { beforeEach, expect, it } from 'vitest'

import { assertNotPoisoned, createJobTable, moveJob, mutate, openFence, readJob, registerJob } from '../poisoning.ts'

let database: DatabaseSync

beforeEach(() => {
  database = new DatabaseSync(':memory:')
  createJobTable(database)
})

const refused = (code: string) => expect.objectContaining({ name: 'ValidatorError', code })
const register = (job_id: string, parent_job_id: string | null = null) =>
  registerJob(database, { job_id, parent_job_id, inputs_hash: 'a'.repeat(64) })
const put = (job_id: string, column: 'state' | 'epoch', value: string | number) =>
  database.prepare(`UPDATE ace_jobs SET ${column} = ? WHERE job_id = ?`).run(value, job_id)

const END: readonly JobState[] = ['completed', 'completed_with_issues', 'failed', 'cancelled']
/** Spec 05, section 5. Nothing leads to `poisoned` but the directive, and nothing out of an end. */
const STEPS: Readonly<Partial<Record<JobState, readonly JobState[]>>> = {
  queued: ['running', 'failed', 'cancelled'],
  running: ['stalled', 'awaiting_validation', 'awaiting_user', ...END],
  stalled: ['running', 'failed', 'cancelled'],
  awaiting_validation: ['running', ...END],
  awaiting_user: ['running', 'failed', 'cancelled'],
}

it.each(JobState.options)('from %s a job goes where the specification says, and nowhere else', (from) => {
  for (const to of JobState.options) {
    const id = `${from} ${to}`
    const fence = register(id)
    put(id, 'state', from)
    if (STEPS[from]?.includes(to)) {
      moveJob(database, fence, to)
      expect(readJob(database, id)?.state).toBe(to)
    } else {
      expect(() => moveJob(database, fence, to), id).toThrow(
        refused(STEPS[from] === undefined ? 'JOB_POISONED' : 'JOB_STATE_INVALID'),
      )
      expect(readJob(database, id)?.state).toBe(from)
    }
  }
})

it('reads of a job whose child it is', () => {
  register('job')
  register('child', 'job')
  expect([readJob(database, 'job'), readJob(database, 'child')]).toMatchObject([
    { parent_job_id: null, reason: null, late_results: 0 },
    { parent_job_id: 'job', reason: null, late_results: 0 },
  ])
})

it('a fence of an earlier epoch opens nothing, though the job goes on', () => {
  const earlier = register('job')
  put('job', 'epoch', 1)
  expect(() => assertNotPoisoned(database, earlier)).toThrow(refused('JOB_POISONED'))
  expect(() => assertNotPoisoned(database, openFence(database, 'job'))).not.toThrow()
})

it('a job that nobody registered has no fence, and one that somebody made up opens nothing', () => {
  expect(() => openFence(database, 'nobody')).toThrow(refused('JOB_STATE_INVALID'))
  expect(() => assertNotPoisoned(database, { job_id: 'nobody', epoch: 0 })).toThrow(refused('JOB_POISONED'))
})

it('a row in no known state is refused, not taken for an open job', () => {
  const fence = register('job')
  put('job', 'state', 'happy')
  expect(() => readJob(database, 'job')).toThrow(refused('JOB_STATE_INVALID'))
  expect(() => assertNotPoisoned(database, fence)).toThrow(refused('JOB_POISONED'))
})

it('only what came after the end counts as late: not work that failed by itself, nor work that goes on', () => {
  const fence = register('job')
  const failing = () => {
    throw new Error('its own')
  }
  expect(() => mutate(database, fence, failing)).toThrow('its own')
  expect(() => mutate(database, fence, async () => 1)).toThrow(refused('MUTATION_ASYNC'))
  expect(readJob(database, 'job')?.late_results).toBe(0)
  put('job', 'state', 'cancelled')
  expect(() => mutate(database, fence, () => 1)).toThrow(refused('JOB_POISONED'))
  expect(readJob(database, 'job')?.late_results).toBe(1)
})
