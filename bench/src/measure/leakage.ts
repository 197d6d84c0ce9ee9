// CloudLeakageGuard over random graphs of references, against a plain oracle that was written apart from it (VAL-029 to VAL-036).
import { parseArgs } from 'node:util'

import { cloudLeakageGuard } from '../../../packages/ace-validators/src/guards/cloud-leakage.ts'
import type { CallInput } from '../../../packages/contracts/src/guards.ts'
import { seededRandom } from './generated-files/random.ts'
import { callOver } from './leakage/cloud-call.ts'
import { mayLeave } from './leakage/oracle.ts'
import { randomGraph, type ReferenceGraph } from './leakage/random-graph.ts'

export interface Result {
  readonly graphs: number
  /** Graphs the oracle lets pass; the others must be blocked. */
  readonly harmless: number
  /** The guard let pass what the oracle blocks: the bar is 0. */
  readonly leaks: number
  readonly false_blocks: number
  /** Median time of the whole guard over one bundle, by its number of members; even when time is linear. */
  readonly nanoseconds_per_member: Readonly<Record<string, number>>
}

const SIZES = [100, 1000, 10_000]
const TIMED_RUNS = 9

/** `--graphs N` (10,000) and `--seed N` (1). Every disagreement is printed with the seed that makes it alone. */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({
    args: [...args],
    options: { graphs: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } },
  })
  const [graphs, seed] = [Number(values.graphs), Number(values.seed)]
  if (!Number.isSafeInteger(graphs) || graphs < 1 || !Number.isSafeInteger(seed)) {
    throw new Error('Expected --graphs from 1 up and --seed as whole numbers.')
  }
  const tally = { harmless: 0, leaks: 0, false_blocks: 0 }
  for (let number = 0; number < graphs; number += 1) {
    const graph = randomGraph(seededRandom(seed + number))
    const expected = mayLeave(graph)
    const passes = letsPass(callOver(graph))
    if (expected) tally.harmless += 1
    if (passes === expected) continue
    tally[passes ? 'leaks' : 'false_blocks'] += 1
    console.log(`${passes ? 'leak' : 'false block'}: --graphs 1 --seed ${seed + number}`)
  }
  const times = SIZES.map((members) => [members, nanosecondsPerMember(members)])
  return { graphs, ...tally, nanoseconds_per_member: Object.fromEntries(times) }
}

/** An exception is no pass: the pipeline makes it a block (VAL-005). */
function letsPass(call: CallInput): boolean {
  try {
    const answer = cloudLeakageGuard.validateCall?.(call)
    return answer !== undefined && !(answer instanceof Promise) && answer.verdict !== 'fail'
  } catch {
    return false
  }
}

function nanosecondsPerMember(count: number): number {
  const link = { classification: 'low', exportable: true, isDisguised: false }
  const item = { version: 0, classification: 'low', exportable: true, damage: null, lineage: [], members: [] }
  const leaves = Array.from({ length: count }, (_, index) => ({ ...item, name: `m${index}`, shape: 'file' as const }))
  const members = leaves.map((_, index) => ({ ...link, to: index + 1 }))
  const graph: ReferenceGraph = {
    tier: 'cloud',
    items: [{ ...item, name: 'bundle', shape: 'bundle', members }, ...leaves],
    roots: [{ ...link, to: 0, place: 'snapshot' }],
    block: null,
  }
  const times: number[] = []
  for (let run = 0; run < TIMED_RUNS; run += 1) {
    // Made anew, so that nothing remembered from the last run helps.
    const call = callOver(graph)
    const started = process.hrtime.bigint()
    if (!letsPass(call)) throw new Error('Expected a harmless bundle to pass.')
    times.push(Number(process.hrtime.bigint() - started))
  }
  times.sort((a, b) => a - b)
  return Math.round((times[Math.floor(TIMED_RUNS / 2)] ?? 0) / count)
}
