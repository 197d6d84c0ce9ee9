// The long version is `npm run measure -- executor-poison`.
import { expect, test } from 'vitest'

import { killedPoisonings } from './support/poisoned/killed-poisonings.ts'
import type { Poisoning } from './support/poisoned/poisoned-case.ts'
import { poisonedRuns } from './support/poisoned/poisoned-runs.ts'

test('one of three runs beside each other is poisoned: it writes no more, waits for nobody, and the others complete', async () => {
  const poisonings: Poisoning[] = [
    // With the edit of the first step pending.
    { during: 'approval', number: 2, afterMs: 0 },
    { during: 'call', number: 2, afterMs: 0 },
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
  expect(counts).toMatchObject({ cases: 5, poisoned: 5, with_edit_and_approval: 1, with_command_running: 1 })
  expect(counts.with_edit_pending).toBeGreaterThan(2)
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
