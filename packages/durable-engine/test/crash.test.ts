import { expect, test } from 'vitest'

import { boundariesOf, killedAtEveryBoundary, killedLives, type Deadline } from './support/killed-lives.ts'
import { randomFrom } from './support/seeded-random.ts'

test('killed at every boundary of every step, and again while recovering: no run is lost, no finished step runs again', async () => {
  const boundaries = boundariesOf(1).length
  const report = await killedAtEveryBoundary(1)
  expect(report).toEqual({
    lives: 3 * boundaries,
    kills: 2 * boundaries,
    lost_runs: 0,
    repeated_steps: 0,
    torn_steps: 0,
  })
})

test('killed at random instants: the same', async () => {
  const random = randomFrom(20261122)
  const deadlines: Deadline[] = Array.from({ length: 12 }, () => ({ afterMs: 30 + random() * 90 }))
  expect(await killedLives(6, deadlines)).toMatchObject({ lost_runs: 0, repeated_steps: 0, torn_steps: 0 })
})
