import type { Gate } from '@ctxlock/micro-task'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'

const WHY: Readonly<Record<Gate['reason'], string>> = {
  pause_point: 'the policy asks a person before it starts',
  max_total_iterations: 'the run has used all its iterations',
  max_duration: 'the run has used all its time',
  escalation_exhausted: 'no permitted model completed it',
  token_limit: 'its tokens are used up',
  no_blocking_verification: 'no check can prove that it is complete; look at the answer and accept it with continue',
  resource_exhausted: 'a resource is exhausted',
}

/** Ends this process while its run waits for a person; nothing is called meanwhile (MT-017). */
export function runWaits(runId: string, { reason, mtId }: Gate): CommandError {
  return new CommandError({
    exit: EXIT_CODE.needsPerson,
    code: reason,
    message: `the run waits for a person at ${mtId}: ${WHY[reason]}`,
    hint: `Decide with \`ctxlock continue ${runId}\`, \`ctxlock skip ${runId}\` or \`ctxlock abort ${runId}\`; what is finished is not repeated.`,
  })
}
