// The long version is `npm run measure -- executor-kills`.
import { expect, test } from 'vitest'

import type { KillPlan } from './support/killed-runs/killed-run.ts'
import { killedRuns, type Reference } from './support/killed-runs/killed-runs.ts'

test('T-MT-04: killed at commits and at instants of a whole run, and again while it recovers: nothing is lost or repeated', async () => {
  const planned = ({ start, gate }: Reference): KillPlan[] => [
    {
      from: 'start',
      kills: [
        { atCommit: Math.ceil(start.commits / 3), when: 'before' },
        { atCommit: 11, when: 'after' },
        { afterMs: start.workMs / 3 },
      ],
    },
    { from: 'gate', kills: [{ atCommit: Math.ceil(gate.commits / 2), when: 'after' }] },
  ]
  expect(await killedRuns(planned)).toMatchObject({
    runs: 2,
    kills_at_boundaries: 3,
    lost_runs: 0,
    repeated_calls: 0,
    repeated_steps: 0,
    broken_logs: 0,
    broken_ledgers: 0,
    failures: [],
  })
}, 120_000)
