// The job record of a run (spec 08 section 1): made when it begins, read whenever it is dispatched, complete when it ends.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { MicroTaskExecutorJob } from '@ctxlock/contracts/micro-task-job'
import { ProgressArtifact, RunLedgerRecord } from '@ctxlock/contracts/micro-task-run'
import { canonicalize } from '@ctxlock/core-hash'
import { tokenBudgetState } from '@ctxlock/governance'
import { expect, test } from 'vitest'

import { findExecutorJob } from '../src/executor/executor-job.ts'
import type { Session } from '../src/session/session.ts'
import { openedSession } from './support/governed-calls.ts'
import { ctxlockHere } from './support/in-process.ts'
import { ollamaConfig } from './support/ollama-config.ts'
import { startOllamaServer } from './support/scripted-models.ts'
import { makeWorkspace, SMALL_WORKSPACE } from './support/workspace.ts'

const TASK = {
  schema_version: 'ctxlock.task@1',
  goal: 'How do depots accept boxes?',
  scope: ['src/'],
  done: ['It is said.'],
  expected_output: 'structured_answer',
}

async function waitingRun(policy: Readonly<Record<string, unknown>> = { max_total_iterations: 1 }) {
  const server = await startOllamaServer(['small:1b'], (_, number) =>
    number === 1 ? 'src/depot.ts:1-1\n> no such line\n' : 'They do.',
  )
  const cwd = makeWorkspace({
    ...SMALL_WORKSPACE,
    'task.json': JSON.stringify(TASK),
    'ctxlock.config.json': ollamaConfig(server.url, ['small:1b'], policy),
  })
  const run = await ctxlockHere(['run', join(cwd, 'task.json')], cwd)
  expect(run.code, run.stderr).toBe(4)
  return { cwd, server }
}

async function inSession<Result>(cwd: string, work: (session: Session) => Result): Promise<Result> {
  const session = await openedSession(cwd)
  try {
    return work(session)
  } finally {
    await session.close()
  }
}

const jobIn = (session: Session) => {
  const job = findExecutorJob(session, session.runs.find('last').run_id)
  if (!job) throw new Error('the run has a job')
  return job
}

test('says from its beginning what the job is, with metrics of 0, and at its end what came of it', async () => {
  const { cwd } = await waitingRun()
  const begun = await inSession(cwd, jobIn)
  expect(begun).toMatchObject({
    job_kind: 'micro_task_execution',
    profile_id: 'micro_task_executor_v1',
    protocol_id: 'micro_task_executor_v1',
    access_mode: 'analysis_only',
    state: 'running',
    execution_state: { phase: 'initializing' },
    metrics: { aggregate: { total_mts: 1, total_iterations: 0, success_rate_level_0: 0 } },
  })
  await ctxlockHere(['continue', 'last'], cwd)
  expect((await ctxlockHere(['resume', 'last'], cwd)).code).toBe(0)
  await inSession(cwd, (session) => {
    const ended = jobIn(session)
    expect(ended).toMatchObject({
      state: 'completed',
      mt_definitions_ref: { content_hash: begun.mt_definitions_ref.content_hash },
      metrics: { micro_tasks: [{ mt_id: 'MT-001', status: 'completed', iterations: 2, final_escalation_level: 0 }] },
    })
    const read = (hash: string) => new TextDecoder().decode(session.artifacts.get(hash))
    const progress = ProgressArtifact.parse(JSON.parse(read(ended.progress_artifact_ref.content_hash)))
    expect(progress).toMatchObject({ status: 'completed', current_state: ended.execution_state })
    const ledger = read(ended.run_ledger_ref.content_hash).trimEnd().split('\n')
    expect(ledger.map((line) => RunLedgerRecord.parse(JSON.parse(line)).status)).toEqual([
      'in_progress',
      'completed',
      'in_progress',
      'completed',
    ])
  })
  const shown = JSON.parse((await ctxlockHere(['status', 'last', '--json'], cwd)).stdout)
  expect(MicroTaskExecutorJob.parse(shown.job).state).toBe('completed')
})

test('what it takes to go on stands in records, not in the files for onlookers (SWAP-026)', async () => {
  const { cwd, server } = await waitingRun()
  rmSync(join(cwd, '.ctxlock', 'runs'), { recursive: true })
  await ctxlockHere(['continue', 'last'], cwd)
  expect((await ctxlockHere(['resume', 'last'], cwd)).code).toBe(0)
  // The first iteration is known with its outcome, though no file and no chat says so any more.
  expect(server.requests).toHaveLength(2)
  expect(JSON.stringify(server.requests[1])).toContain('The last iteration ended as RETRY.')
})

test('a person who goes on at the limit of tokens raises the budget that bounds the calls too', async () => {
  const { cwd } = await waitingRun({ max_total_tokens: 7 })
  const limitOf = (session: Session) => tokenBudgetState(session.state.database, session.runs.find('last').run_id).limit
  const before = await inSession(cwd, limitOf)
  await ctxlockHere(['continue', 'last'], cwd)
  expect(await inSession(cwd, limitOf)).toBe(before + 7)
})

test('of a run that a person ends it says how far it came', async () => {
  const { cwd } = await waitingRun()
  expect((await ctxlockHere(['cancel', 'last'], cwd)).code).toBe(0)
  await inSession(cwd, (session) => {
    const ended = jobIn(session)
    expect(ended).toMatchObject({
      state: 'cancelled',
      status_reason: expect.stringMatching(/^cancelled by /),
      execution_state: { total_iterations: 1 },
      metrics: {
        micro_tasks: [{ mt_id: 'MT-001', status: 'in_progress', iterations: 1 }],
        aggregate: { total_iterations: 1 },
      },
    })
    const read = (hash: string) => new TextDecoder().decode(session.artifacts.get(hash))
    const progress = ProgressArtifact.parse(JSON.parse(read(ended.progress_artifact_ref.content_hash)))
    expect([progress.status, progress.completed_at]).toEqual(['cancelled', ended.updated_at])
    expect(read(ended.run_ledger_ref.content_hash).trimEnd().split('\n')).toHaveLength(2)
  })
})

test('a run goes on under the policy it began with, whatever the config says meanwhile', async () => {
  const { cwd, server } = await waitingRun()
  const other = ollamaConfig(server.url, ['small:1b'], { max_total_iterations: 50, drop_back_strategy: 'never' })
  writeFileSync(join(cwd, 'ctxlock.config.json'), other)
  await ctxlockHere(['continue', 'last'], cwd)
  const again = await ctxlockHere(['resume', 'last'], cwd)
  expect(again.code, again.stderr).toBe(0)
  expect((await inSession(cwd, jobIn)).execution_policy).toMatchObject({
    max_total_iterations: 1,
    drop_back_strategy: 'smart',
  })
})

test.each([{ job_kind: 'workflow_run' }, { workflow_run_id: '00000000-0000-4000-8000-000000000000' }])(
  'a record that says %o is dispatched no more (MT-001)',
  async (change) => {
    const { cwd, server } = await waitingRun()
    await inSession(cwd, (session) => {
      const bytes = new TextEncoder().encode(canonicalize({ ...jobIn(session), ...change }))
      const { content_hash } = session.artifacts.put(bytes, { kind: 'report', classification: 'medium' })
      session.state.database.prepare('UPDATE runner_executor_job SET record_hash = ?').run(content_hash)
    })
    await ctxlockHere(['continue', 'last'], cwd)
    const refused = await ctxlockHere(['resume', 'last'], cwd)
    expect([refused.code, refused.error?.code]).toEqual([7, 'JOB_INVALID'])
    expect(server.requests).toHaveLength(1)
  },
)
