// A change of model before each of twenty calls of one piece of work, between a large and a small window, and to one too small.
import { swapAtStep } from './swap-rules/swap-at-step.ts'
import { openSwapWorkspace } from './swap-rules/swap-workspace.ts'

interface Result {
  readonly steps: number
  readonly swaps: number
  /** Work that was finished by the other model. */
  readonly finished: number
  /** Changes to a window that cannot hold the rules: refused by that name, the work finished by the model there was. */
  readonly refused_by_name: number
  /** The bar is 1. */
  readonly rules_segments: number
}

const STEPS = 20
const PAIRS = [
  ['large:ollama', 'small-routed'],
  ['small:ollama', 'large:ollama'],
  ['small:ollama', 'tiny:ollama'],
] as const

/** `measure -- swap-steps [every]`: each step, or every second, third and so on. */
export async function measure([every = '1']: readonly string[]): Promise<Result> {
  const stride = Number(every)
  if (!(Number.isSafeInteger(stride) && stride >= 1)) throw new Error('Expected a whole number of steps of at least 1.')
  const rules = new Set<string>()
  const counts = { swaps: 0, finished: 0, refused_by_name: 0 }
  for (const [from, to] of PAIRS) {
    const workspace = await openSwapWorkspace()
    try {
      for (let step = 0; step < STEPS; step += stride) {
        const made = await swapAtStep(workspace, { from, to, step, steps: STEPS })
        for (const hash of made.rules) rules.add(hash)
        const isWhole = made.calls === STEPS
        counts.swaps += 1
        if (isWhole && made.status === 'completed') counts.finished += 1
        if (isWhole && made.reason === 'window_too_small') counts.refused_by_name += 1
      }
    } finally {
      await workspace.close()
    }
  }
  return { steps: STEPS, ...counts, rules_segments: rules.size }
}
