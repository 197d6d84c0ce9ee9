import { attemptCases } from './testing/attempt-cases.ts'
import type { EngineCase } from './testing/case-kit.ts'
import { endCases } from './testing/end-cases.ts'
import type { EngineTarget } from './testing/engine-target.ts'
import { runCases } from './testing/run-cases.ts'
import { signalCases } from './testing/signal-cases.ts'
import { stepCases } from './testing/step-cases.ts'
import { waitCases } from './testing/wait-cases.ts'

export type { EngineCase } from './testing/case-kit.ts'
export type { EngineBench, EngineTarget, OpenOptions } from './testing/engine-target.ts'

/**
 * What every implementation of the `DurableEngine` port must pass, whatever its store.
 * `for (const { name, run } of engineConformance(target)) test(name, run)`.
 */
export function engineConformance<Transaction>(target: EngineTarget<Transaction>): readonly EngineCase[] {
  return [stepCases, attemptCases, signalCases, waitCases, runCases, endCases].flatMap((cases) => cases(target))
}
