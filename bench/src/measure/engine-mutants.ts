// Small mistakes planted into the source text of the durable engine, one at a time: do the conformance cases or the simulator see them?
import { parseArgs } from 'node:util'

import { judgeMutant } from '../../../packages/durable-engine/test/mutation/mutation.ts'
import { MUTANTS } from '../../../packages/durable-engine/test/mutation/mutants.ts'

/** The bar is that all are caught. */
export interface Result {
  readonly mutants: number
  readonly caught: number
  readonly survivors: readonly string[]
  readonly caught_by_cases: number
  readonly caught_by_simulator: number
  readonly hung: number
  /** Seeds tried at most for each. */
  readonly seeds: number
}

/** `--seeds N` (300) for each mutant, `--only TEXT` in its name. Prints a line for each. */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({
    args: [...args],
    options: { seeds: { type: 'string', default: '300' }, only: { type: 'string', default: '' } },
  })
  const seeds = Number(values.seeds)
  if (!Number.isSafeInteger(seeds) || seeds < 1) throw new Error('Expected --seeds as a whole number from 1 up.')
  const sound = await judgeMutant(undefined, seeds)
  if (sound.caught) throw new Error(`Expected the engine as it is to pass, got seed ${sound.seed}: ${sound.problem}.`)

  const verdicts = []
  for (const mutant of MUTANTS.filter((each) => each.name.includes(values.only))) {
    const verdict = await judgeMutant(mutant, seeds)
    verdicts.push(verdict)
    const bySeed = verdict.seed === null ? 'no seed' : `seed ${verdict.seed} (${verdict.problem})`
    console.log(`${verdict.caught ? 'caught' : 'ALIVE'}: ${mutant.name}: ${verdict.cases} cases, ${bySeed}`)
  }
  return {
    mutants: verdicts.length,
    caught: verdicts.filter(({ caught }) => caught).length,
    survivors: verdicts.filter(({ caught }) => !caught).map(({ mutant }) => mutant),
    caught_by_cases: verdicts.filter(({ cases }) => cases > 0).length,
    caught_by_simulator: verdicts.filter(({ seed }) => seed !== null).length,
    hung: verdicts.filter(({ hung }) => hung).length,
    seeds,
  }
}
