// Real processes that play runs and are killed: at every boundary of every step, while they recover, and at random instants.
import { parseArgs } from 'node:util'

import { seededRandom } from './generated-files/random.ts'
import {
  killedAtEveryBoundary,
  killedLives,
  sumOfReports,
  type Deadline,
  type KillReport,
} from '../../../packages/durable-engine/test/support/killed-lives.ts'

/** The bar of lost, repeated and torn is 0. */
export interface Result {
  readonly boundaries: KillReport
  readonly random: KillReport
}

/** `--kills N` at random instants (500), `--runs N` in each process (3), `--seed N` (1). */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string', default: '500' },
      runs: { type: 'string', default: '3' },
      seed: { type: 'string', default: '1' },
    },
  })
  const [kills, runs, seed] = [Number(values.kills), Number(values.runs), Number(values.seed)]
  if (![kills, runs, seed].every((number) => Number.isSafeInteger(number) && number >= 1)) {
    throw new Error('Expected --kills, --runs and --seed as whole numbers from 1 up.')
  }
  const boundaries = await killedAtEveryBoundary(runs)
  return { boundaries, random: await randomKills(kills, seededRandom(seed)) }
}

/** Many runs to a folder, so that there is work left for every life; then the next folder. */
async function randomKills(kills: number, random: () => number): Promise<KillReport> {
  let total: KillReport = { lives: 0, kills: 0, lost_runs: 0, repeated_steps: 0, torn_steps: 0 }
  while (total.kills < kills) {
    const left = Math.min(10, kills - total.kills)
    const deadlines: Deadline[] = Array.from({ length: left }, () => ({ afterMs: 40 + random() * 80 }))
    total = sumOfReports(total, await killedLives(200, deadlines))
  }
  return total
}
