// Injections found at any instant in one of several runs that go on beside each other, and kills near the record of it (spec 05
// section 5). What the poisoned run writes afterwards, leaves behind, or does to the others is counted.
import { parseArgs } from 'node:util'

import {
  killedPoisonings,
  type KilledPoisonings,
} from '../../../apps/runner/test/support/poisoned/killed-poisonings.ts'
import { poisonedRuns, type PoisonedRuns } from '../../../apps/runner/test/support/poisoned/poisoned-runs.ts'
import { seededCase } from '../../../apps/runner/test/support/poisoned/seeded-case.ts'
import { seededRandom } from './generated-files/random.ts'

/**
 * `--cases N` (200; two or three seconds each), `--kills N` (4, from right before the record to the second commit after it),
 * `--seed N` (1). The case that went wrong is printed, and played again by its own seed; instants within a case depend on the machine.
 */
export async function measure(args: readonly string[]): Promise<PoisonedRuns & { readonly killed: KilledPoisonings }> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cases: { type: 'string', default: '200' },
      kills: { type: 'string', default: '4' },
      seed: { type: 'string', default: '1' },
    },
  })
  const [cases = 0, kills = 0, seed = 1] = [values.cases, values.kills, values.seed].map(Number)
  if (![cases, kills, seed].every((number) => Number.isSafeInteger(number) && number >= 0))
    throw new Error('Expected --cases, --kills and --seed as whole numbers.')
  const played = Array.from({ length: cases }, (_, index) => seededCase(seededRandom(seed + index)))
  const runs = await poisonedRuns(played, (index, what) => {
    console.log(`wrong: --cases 1 --kills 0 --seed ${seed + index}: ${JSON.stringify(what)}`)
  })
  return { ...runs, killed: await killedPoisonings(Array.from({ length: kills }, (_, index) => (index % 4) - 1)) }
}
