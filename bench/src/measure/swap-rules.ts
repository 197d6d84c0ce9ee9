// Whatever is called, compacted, swapped, killed and gone on with over three providers: the rules of every request are the same bytes.
import { parseArgs } from 'node:util'

import { seededRandom } from './generated-files/random.ts'
import { playSequence, type Tally } from './swap-rules/random-sequence.ts'
import { openSwapWorkspace, type SwapWorkspace } from './swap-rules/swap-workspace.ts'

interface Result extends Omit<Tally, 'rules' | 'requests'> {
  readonly sequences: number
  /** The bar is 1. */
  readonly rules_segments: number
  readonly requests: Readonly<Record<string, number>>
}

/** Sequences that share a workspace: its record grows with each. */
const SHARED = 25

/** `--sequences N` (1,000; about a third of a second each) and `--seed N` (1). */
export async function measure(args: readonly string[]): Promise<Result> {
  const { values } = parseArgs({
    args: [...args],
    options: { sequences: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
  })
  const [sequences, seed] = [Number(values.sequences), Number(values.seed)]
  if (!(Number.isSafeInteger(sequences) && sequences > 0)) throw new Error('Expected --sequences N of at least 1.')
  const tally: Tally = {
    calls: 0,
    compactions: 0,
    swaps: 0,
    swaps_taken_back: 0,
    windows_too_small: 0,
    crashes: 0,
    recovered: 0,
    rules: new Map(),
    requests: new Map(),
    wire_differs: 0,
    left_loaded: 0,
    wrong_reason: 0,
  }
  let workspace: SwapWorkspace | undefined
  try {
    for (let sequence = 0; sequence < sequences; sequence += 1) {
      if (sequence % SHARED === 0) {
        await workspace?.close()
        workspace = await openSwapWorkspace()
      }
      if (!workspace) throw new TypeError('a workspace is open')
      try {
        await playSequence(workspace, seededRandom(seed * 1_000_003 + sequence), tally)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        throw new Error(`Sequence ${sequence} of seed ${seed} failed: ${why}`, { cause: error })
      }
    }
  } finally {
    await workspace?.close()
  }
  const { rules, requests, ...counts } = tally
  return { sequences, rules_segments: rules.size, requests: Object.fromEntries(requests), ...counts }
}
