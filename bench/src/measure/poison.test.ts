import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'

import { createJobTable } from '../../../packages/ace-validators/src/poisoning.ts'
import { measure } from './poison.ts'
import { createHistory, judgeHistory } from './poison/history.ts'

test('over seeded interleavings and kills nothing is written after the record, and every event is there once', async () => {
  const result = await measure(['--interleavings', '250', '--seed', '20261121'])
  expect(result).toMatchObject({
    interleavings: 250,
    writes_after_poison: 0,
    missing_events: 0,
    double_events: 0,
    survivors: 0,
    bystanders_blocked: 0,
  })
  // Without them the zeros above would say nothing.
  expect(result.poisoned_jobs).toBeGreaterThan(250)
  expect(result.kills_while_poisoning).toBeGreaterThan(250)
})

test('one seed plays one interleaving', async () => {
  const args = ['--interleavings', '5', '--seed', '9']
  expect(await measure(args)).toEqual(await measure(args))
})

test('the judge counts what the directive must not leave behind', () => {
  const database = new DatabaseSync(':memory:')
  createJobTable(database)
  createHistory(database)
  const job = (job_id: string, parent: string | null, state: string): void => {
    database
      .prepare(`INSERT INTO ace_jobs (job_id, parent_job_id, inputs_hash, state, epoch) VALUES (?, ?, '', ?, 0)`)
      .run(job_id, parent, state)
  }
  const write = (job_id: string) => database.prepare(`INSERT INTO files VALUES (?, '')`).run(job_id)
  const event = (job_id: string) => database.prepare(`INSERT INTO events VALUES (?, 'key')`).run(job_id)
  job('job', null, 'running')
  job('job.1', 'job', 'running')
  job('other', null, 'running')
  write('job.1')
  database.exec(`UPDATE ace_jobs SET state = 'poisoned' WHERE job_id = 'job'`)
  write('other')
  const clean = { poisoned_jobs: 1, writes_after_poison: 0, missing_events: 1, double_events: 0, survivors: 1 }
  expect(judgeHistory(database)).toEqual(clean)

  write('job')
  write('job.1')
  job('job.2', 'job.1', 'cancelled')
  event('job')
  event('job')
  event('other')
  expect(judgeHistory(database)).toEqual({ ...clean, writes_after_poison: 3, missing_events: 0, double_events: 2 })
  database.close()
})

test('wrong options are one clear error', async () => {
  await expect(measure(['--interleavings', '0'])).rejects.toThrow(/^Expected --interleavings/)
})
