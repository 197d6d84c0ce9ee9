// Runs inside a copy of the package whose source may be mutated: the conformance cases, then seeds until one fails. The last line is
// one JSON object. `node judge.ts <first seed> <seeds>`
import { engineConformance } from '../../src/testing.ts'
import { openSimulator } from '../simulation/simulation.ts'
import { sqliteTarget } from '../support/sqlite-bench.ts'

const [first = '1', count = '300'] = process.argv.slice(2)
// What a mutant leaves undone must not end the judge.
process.on('unhandledRejection', () => undefined)

const failedCases: string[] = []
for (const { name, run } of engineConformance(sqliteTarget)) {
  try {
    await run()
  } catch {
    failedCases.push(name)
  }
}
let failedSeed: number | null = null
let problem: string | null = null
const simulator = openSimulator()
for (let seed = Number(first); seed < Number(first) + Number(count) && failedSeed === null; seed += 1) {
  const [violation] = await simulator.simulate(seed).then(
    ({ violations }) => violations,
    (error: unknown) => [String(error)],
  )
  if (violation === undefined) continue
  failedSeed = seed
  problem = violation
}
console.log(JSON.stringify({ failedCases, failedSeed, problem }))
process.exit()
