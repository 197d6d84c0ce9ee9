import type { RunInfo } from '@ctxlock/contracts/engine'
import { readGateKey, type GateReason } from '@ctxlock/micro-task'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'

const WHY: Readonly<Record<GateReason, string>> = {
  pause_point: 'somebody has to agree before it starts',
  pause_requested: 'somebody paused it',
  max_total_iterations: 'the run has used all its iterations',
  max_duration: 'the run has used all its time',
  escalation_exhausted: 'no permitted model completed it',
  token_limit: 'its tokens are used up',
  no_blocking_verification: 'no check can prove that it is complete; look at the answer and accept it with continue',
  resource_exhausted: 'a resource is exhausted',
}

/** The gate a parked run waits at, with its reason in words. */
export function gateOf({ waits = [] }: Pick<RunInfo, 'waits'>) {
  for (const { kind, key } of waits) {
    const gate = kind === 'signal' ? readGateKey(key) : undefined
    if (gate) return { ...gate, key, why: new Map(Object.entries(WHY)).get(gate.reason) ?? gate.reason }
  }
  return undefined
}

/** Ends this process while its run waits for a person; nothing is called meanwhile (MT-017). */
export function runWaits(run: Pick<RunInfo, 'runId' | 'waits'>): CommandError {
  const gate = gateOf(run)
  return new CommandError({
    exit: EXIT_CODE.needsPerson,
    code: gate?.reason ?? 'RUN_WAITS',
    message: `the run waits for a person${gate ? ` at ${gate.mtId}: ${gate.why}` : ''}`,
    hint: `Decide with \`ctxlock continue ${run.runId}\`, \`ctxlock skip ${run.runId}\` or \`ctxlock abort ${run.runId}\`; what is finished is not repeated.`,
  })
}
