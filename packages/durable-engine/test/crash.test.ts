import { expect, test } from 'vitest'

import { boundariesOf, killedLives, type Deadline } from './support/killed-lives.ts'
import { randomFrom } from './support/seeded-random.ts'

test('killed at every boundary of every step, and while it recovers: no run is lost, no finished step runs again', async () => {
  const boundaries = boundariesOf(2)
  const report = await killedLives(
    2,
    boundaries.map((at) => ({ at })),
  )
  expect(report).toMatchObject({ lives: boundaries.length + 1, lost_runs: 0, repeated_steps: 0, torn_steps: 0 })
  // A life that does not come to a boundary ends by itself; most must come to theirs.
  expect(report.kills).toBeGreaterThan(boundaries.length / 2)
})

test('killed at random instants: the same', async () => {
  const random = randomFrom(20261122)
  const deadlines: Deadline[] = Array.from({ length: 12 }, () => ({ afterMs: 30 + random() * 90 }))
  expect(await killedLives(6, deadlines)).toMatchObject({ lost_runs: 0, repeated_steps: 0, torn_steps: 0 })
})
