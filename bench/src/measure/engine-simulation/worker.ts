// Plays seeds on a thread of its own and posts what they came to.
import { parentPort, workerData } from 'node:worker_threads'

import { openSimulator } from '../../../../packages/durable-engine/test/simulation/simulation.ts'
import type { SimulationTotals } from './totals.ts'

const MS_PER_DAY = 86_400_000

const { first, count }: { readonly first: number; readonly count: number } = workerData
const simulator = openSimulator()
const failed: number[] = []
let [runs, kills, signals, simulatedMs] = [0, 0, 0, 0]
for (let seed = first; seed < first + count; seed += 1) {
  const result = await simulator.simulate(seed)
  runs += result.runs
  kills += result.kills
  signals += result.signals
  simulatedMs += Math.max(0, result.simulatedMs)
  if (result.violations.length === 0) continue
  failed.push(seed)
  console.log(`wrong: --seeds 1 --seed ${seed}: ${result.violations.join('; ')}`)
}
simulator.close()
const totals: SimulationTotals = {
  seeds: Math.max(0, count),
  failed_seeds: failed,
  runs,
  kills,
  signals,
  simulated_days: simulatedMs / MS_PER_DAY,
}
parentPort?.postMessage(totals)
