import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'

/** VAL-070: no retry, no resume, and nothing that a person says goes into it any more. */
export function runPoisoned(runId: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.poisoned,
    code: 'JOB_POISONED',
    message: `run ${runId} was ended by an injection pattern and cannot be gone on with`,
    hint: `That is final. Call again in a new run, without what ended it: \`${rerunWithout(runId)}\`.`,
  })
}

export function rerunWithout(runId: string): string {
  return `ctxlock rerun ${runId.slice(0, 8)} --without <candidate>`
}
