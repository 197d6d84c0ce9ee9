import type { RunInfo } from '@ctxlock/contracts/engine'

import { CommandError } from '../../command-error.ts'
import { EXIT_CODE } from '../../exit-code.ts'
import { parentRunOf } from './child-runs.ts'

/** A child cannot be resumed, paused or cancelled by itself; `done` is which of these happens to the run it is part of. */
export function partOfRun(child: RunInfo, done: string): CommandError {
  const parent = parentRunOf(child) ?? ''
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'RUN_IS_PART',
    message: `the run ${child.runId} is part of the run ${parent}, which is ${done} as a whole`,
    hint: `Give the id of that one: ${parent.slice(0, 8)}.`,
  })
}
