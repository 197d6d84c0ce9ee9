// Real `ctxlock run` processes that are killed at commits and at random instants, and gone on with.
import { parseArgs } from 'node:util'

import { killedRuns, type Kill, type KilledRuns } from '../../../apps/runner/test/support/killed-runs.ts'
import { seededRandom } from './generated-files/random.ts'

export const name = 'executor-kills'

/** More commits than a run of the measured task makes; a kill beyond the last one does not happen. */
const COMMITS = 80
const LONGEST_MS = 2500

/** `--kills N` (100), half at commits and half at random instants, each run killed again while it recovers; `--seed N` (1). */
export async function measure(args: readonly string[]): Promise<KilledRuns> {
  const { values } = parseArgs({
    args: [...args],
    options: { kills: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } },
  })
  const [kills, seed] = [Number(values.kills), Number(values.seed)]
  if (![kills, seed].every((number) => Number.isSafeInteger(number) && number >= 1)) {
    throw new Error('Expected --kills and --seed as whole numbers from 1 up.')
  }
  const random = seededRandom(seed)
  const lives = Array.from({ length: Math.ceil(kills / 2) }, (_, index): Kill[] => [
    index % 2 === 0
      ? {
          atCommit: 1 + Math.floor((index * COMMITS) / Math.ceil(kills / 2)),
          when: random() < 0.5 ? 'before' : 'after',
        }
      : { afterMs: random() * LONGEST_MS },
    { afterMs: random() * LONGEST_MS },
  ])
  return killedRuns(lives)
}
