import { expect, test } from 'vitest'

import { measure as measureKills } from './engine-kills.ts'
import { measure as measureMutants } from './engine-mutants.ts'
import { measure as measureSimulation } from './engine-simulation.ts'

test('seeds are played on several threads, and none is left out', async () => {
  const result = await measureSimulation(['--seeds', '25', '--seed', '1000', '--workers', '2'])
  expect(result).toMatchObject({ seeds: 25, failed_seeds: [], workers: 2 })
  expect(result.runs).toBeGreaterThanOrEqual(25)
  expect(result.kills).toBeGreaterThan(25)
})

test('a planted mistake is counted by who caught it', async () => {
  const result = await measureMutants(['--seeds', '20', '--only', 'a parked run has no time'])
  expect(result).toMatchObject({ mutants: 1, caught: 1, survivors: [], caught_by_cases: 1 })
})

test('processes are killed at boundaries and at random instants', async () => {
  const { boundaries, random } = await measureKills(['--kills', '2', '--runs', '1'])
  for (const report of [boundaries, random])
    expect(report).toMatchObject({ lost_runs: 0, repeated_steps: 0, torn_steps: 0 })
  expect(boundaries.kills).toBe(24)
  expect(random.kills).toBe(2)
})
