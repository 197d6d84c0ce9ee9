// Real `ctxlock run` processes that are killed at every commit and at random instants, again while they recover, and gone on with.
import { parseArgs } from 'node:util'

import { PHASES, type KillPlan } from '../../../apps/runner/test/support/killed-runs/killed-run.ts'
import {
  killedRuns,
  type KilledRuns,
  type Reference,
} from '../../../apps/runner/test/support/killed-runs/killed-runs.ts'
import { seededRandom, type Random } from './generated-files/random.ts'

/** How many processes of one run are killed at random instants, one after the other. */
const LIVES = 4

/**
 * `--instants N` kills at random instants (500), `--every N` commits one before and one after it (1; 0 for none), `--workers N` runs at
 * a time (2), `--seed N` (1). The bar of everything lost, repeated or broken is 0. With TMPDIR on a file system in memory no time goes
 * into waiting for the disk, which a killed process has no part in.
 */
export async function measure(args: readonly string[]): Promise<KilledRuns> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      instants: { type: 'string', default: '500' },
      every: { type: 'string', default: '1' },
      workers: { type: 'string', default: '2' },
      seed: { type: 'string', default: '1' },
    },
  })
  const [instants, every, workers, seed] = [values.instants, values.every, values.workers, values.seed].map(Number)
  if (![instants, every, workers, seed].every((number) => Number.isSafeInteger(number) && Number(number) >= 0)) {
    throw new Error('Expected --instants, --every, --workers and --seed as whole numbers.')
  }
  const random = seededRandom(seed ?? 1)
  const planned = (reference: Reference) => [
    ...atBoundaries(reference, every ?? 1, random),
    ...atInstants(reference, instants ?? 0, random),
  ]
  return killedRuns(planned, workers)
}

/** Each commit of both phases once before and once after it, and then once more at a random instant of the recovery. */
function atBoundaries(reference: Reference, every: number, random: Random): KillPlan[] {
  if (every === 0) return []
  return PHASES.flatMap((from) =>
    Array.from({ length: Math.ceil(reference[from].commits / every) }, (_, index) => 1 + index * every).flatMap(
      (atCommit) =>
        (['before', 'after'] as const).map((when): KillPlan => ({
          from,
          kills: [{ atCommit, when }, { afterMs: random() * reference[from].workMs }],
        })),
    ),
  )
}

/** Over the whole of a run, then over what is left of it. Some more are planned: a process may end before its instant. */
function atInstants({ start }: Reference, instants: number, random: Random): KillPlan[] {
  return Array.from({ length: Math.ceil((1.1 * instants) / LIVES) }, () => ({
    from: 'start',
    kills: Array.from({ length: LIVES }, (_, life) => ({ afterMs: (random() * start.workMs) / (life + 1) })),
  }))
}
