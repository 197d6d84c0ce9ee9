import { afterAll, expect, test } from 'vitest'

import { FAILING_SEEDS } from './simulation/failing-seeds.ts'
import { openSimulator } from './simulation/simulation.ts'

const simulator = openSimulator()
afterAll(() => simulator.close())

test.each(FAILING_SEEDS)('seed $seed, which once showed that $showed', async ({ seed }) => {
  expect((await simulator.simulate(seed)).violations).toEqual([])
})

test('no seed shows a broken promise; more by `npm run measure -- engine-simulation`', async () => {
  const failed = []
  let kills = 0
  for (let seed = 1; seed <= 500; seed += 1) {
    const result = await simulator.simulate(seed)
    kills += result.kills
    if (result.violations.length > 0) failed.push(result)
  }
  expect(failed).toEqual([])
  expect(kills).toBeGreaterThan(500)
})

test('the same seed gives the same', async () => {
  expect(await simulator.simulate(7)).toEqual(await simulator.simulate(7))
})
