// The durable engine under seeded trouble: crashes at commits and in between, early, late and repeated signals, clocks that are set,
// flaky and endless steps, cancellation, poisoning, and other processes. The real engine on a real database in memory.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'

import type { SimulationTotals } from './engine-simulation/totals.ts'

/** The bar of `failed_seeds` is 0. */
export interface Result extends SimulationTotals {
  readonly workers: number
  readonly seconds: number
}

/** `--seeds N` (20,000), `--seed N` the first one (1), `--workers N` (one for each processor). Failed seeds are printed with what they showed. */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
      workers: { type: 'string', default: String(availableParallelism()) },
    },
  })
  const [seeds, first, workers] = [Number(values.seeds), Number(values.seed), Number(values.workers)]
  if (![seeds, first, workers].every((number) => Number.isSafeInteger(number) && number >= 1)) {
    throw new Error('Expected --seeds, --seed and --workers as whole numbers from 1 up.')
  }
  const start = performance.now()
  const share = Math.ceil(seeds / workers)
  const parts = Array.from({ length: workers }, (_, index) => {
    const from = first + index * share
    return played(from, Math.min(share, first + seeds - from))
  })
  const totals = (await Promise.all(parts)).reduce(sum)
  return { ...totals, workers, seconds: Math.round((performance.now() - start) / 100) / 10 }
}

function played(first: number, count: number): Promise<SimulationTotals> {
  const worker = new Worker(new URL('./engine-simulation/worker.ts', import.meta.url), { workerData: { first, count } })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

function sum(one: SimulationTotals, other: SimulationTotals): SimulationTotals {
  return {
    seeds: one.seeds + other.seeds,
    failed_seeds: [...one.failed_seeds, ...other.failed_seeds],
    runs: one.runs + other.runs,
    kills: one.kills + other.kills,
    signals: one.signals + other.signals,
    simulated_days: Math.round((one.simulated_days + other.simulated_days) * 10) / 10,
  }
}
