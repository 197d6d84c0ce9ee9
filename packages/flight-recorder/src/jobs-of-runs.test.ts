import { draftOf } from '@ctxlock/contracts/testing'
import { expect, test } from 'vitest'

import { openLogFolder } from '../test/log-folder.ts'
import { jobsOfRuns } from './index.ts'

test('each run has the jobs its events name, once, and none where no event names one', () => {
  using folder = openLogFolder()
  expect(jobsOfRuns(folder.database)).toEqual(new Map())
  const [run, other] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']
  const { job_id: _, ...ofNoJob } = draftOf('llm_inference')
  for (const more of [
    { workflow_run_id: run, job_id: 'job-1' },
    { workflow_run_id: run, job_id: 'job-2' },
    { workflow_run_id: run, job_id: 'job-1' },
    { workflow_run_id: other, job_id: 'job-1' },
    { workflow_run_id: '33333333-3333-4333-8333-333333333333' },
  ])
    folder.recorder.record({ ...ofNoJob, ...more })
  const found = [...jobsOfRuns(folder.database)].map(([id, jobs]) => [id, jobs.toSorted()] as const)
  expect(new Map(found)).toEqual(
    new Map([
      [run, ['job-1', 'job-2']],
      [other, ['job-1']],
    ]),
  )
})
