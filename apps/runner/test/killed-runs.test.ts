// The long version is `npm run measure -- executor-kills`.
import { expect, test } from 'vitest'

import { killedRuns, type Kill } from './support/killed-runs.ts'

test('killed at commits through a whole run, and again while it recovers: nothing is lost or repeated', async () => {
  const lives: Kill[][] = [
    [{ atCommit: 3, when: 'after' }],
    [
      { atCommit: 27, when: 'before' },
      { atCommit: 11, when: 'after' },
    ],
    [{ atCommit: 43, when: 'after' }],
  ]
  expect(await killedRuns(lives)).toEqual({
    runs: 3,
    kills: 4,
    lost_runs: 0,
    repeated_calls: 0,
    repeated_steps: 0,
    broken_logs: 0,
  })
}, 120_000)
