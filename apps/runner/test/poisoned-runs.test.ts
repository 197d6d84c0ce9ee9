// The long version is `npm run measure -- executor-poison`.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { poisonJob } from '@ctxlock/ace-validators/poisoning'
import { expect, onTestFinished, test } from 'vitest'

import { Json } from './support/ctxlock.ts'
import { ctxlockHere } from './support/in-process.ts'
import { startModelServer } from './support/model-server.ts'
import { killedPoisonings } from './support/poisoned/killed-poisonings.ts'
import { answerTo, poisonWorkspace, WRITTEN } from './support/poisoned/poison-workspace.ts'
import type { Poisoning } from './support/poisoned/poisoned-case.ts'
import { poisonedRuns } from './support/poisoned/poisoned-runs.ts'

test('one of three runs beside each other is poisoned: it writes no more, waits for nobody, and the others complete', async () => {
  const poisonings: Poisoning[] = [
    // With the edit of the first step pending.
    { during: 'approval', number: 2, afterMs: 0 },
    { during: 'command', number: 1, afterMs: 5 },
    { found: 'answer' },
    // While the worktree is made.
    { afterCommit: 16 },
  ]
  const cases = poisonings.map((poisoning, index) => ({
    victim: 'middle' as const,
    poisoning,
    // The person and the model take their time until the run has ended, or answer in between.
    random: () => 0.5,
    isSilent: index % 2 === 0,
  }))
  const wrong: object[] = []
  const counts = await poisonedRuns(cases, (index, played) => wrong.push({ ...poisonings[index], ...played }))
  expect(wrong).toEqual([])
  expect(counts).toMatchObject({ cases: 4, poisoned: 4, with_edit_and_approval: 1, with_command_running: 1 })
  expect(counts.with_edit_pending).toBe(2)
}, 120_000)

test('killed right before and right after the record of a poisoning, a run ends poisoned, with one event and nothing after it', async () => {
  expect(await killedPoisonings([-1, 0])).toEqual({
    kills: 2,
    missing_events: 0,
    double_events: 0,
    wrong_exits: 0,
    broken_logs: 0,
    written_after: 0,
  })
}, 120_000)

test('a run that is poisoned while it waits for consent, an edit pending, takes no answer of a person any more', async () => {
  const server = await startModelServer('router', { far: 1 })
  onTestFinished(() => server.close())
  server.says = () => answerTo(server.chats.at(-1)?.toString('utf8') ?? '', WRITTEN)
  const root = poisonWorkspace(server.origin, 'cloud')
  onTestFinished(() => rmSync(root, { recursive: true }))
  const waiting = async (...args: readonly string[]) => {
    const { code, error } = await ctxlockHere(args, root)
    expect(code).toBe(4)
    const details = new Json(error?.details)
    return ['request_id', 'payload_sha256', 'run_id'].map((name) => details.at(name).text)
  }
  const [first = '', hash = '', id = ''] = await waiting('run', join(root, 'left.json'), '--allow-unsandboxed')
  expect((await ctxlockHere(['consent', 'approve', first, '--hash', hash], root)).code).toBe(0)
  const [second = '', secondHash = ''] = await waiting('resume', id)

  const database = new DatabaseSync(join(root, '.ctxlock', 'state.db'))
  onTestFinished(() => database.close())
  const kept = () =>
    ['consent_receipt', 'consent_use', 'engine_journal', 'runner_edit', 'runner_reply'].map(
      (table) => database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'],
    )
  const before = kept()
  expect(before.at(-2)).toBe(1)
  const job_id = String(database.prepare("SELECT job_id FROM ace_jobs WHERE state = 'awaiting_user'").get()?.['job_id'])
  const found = { guard: 'PromptInjectionGuard', matches: [], policy_profile_id: 'x', context_snapshot_id: null }
  poisonJob(database, { job_id, violation_id: crypto.randomUUID(), ...found }, () => {})
  for (const answer of [
    ['consent', 'approve', second, '--hash', secondHash],
    ['consent', 'deny', second],
    ['continue', id],
    ['resume', id],
  ])
    expect(await ctxlockHere(answer, root), answer.join(' ')).toMatchObject({
      code: 6,
      error: { code: 'JOB_POISONED' },
    })
  expect(kept()).toEqual(before)
  expect(server.chats).toHaveLength(1)
})
