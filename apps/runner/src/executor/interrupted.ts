import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'

/** A person stopped this process in the middle of a step: it stays open, and whoever goes on with the run takes it anew. */
export function interrupted(what: string, runId: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.cancelled,
    code: 'aborted',
    message: `${what} was stopped`,
    hint: `Nothing is decided by that. Go on with \`ctxlock resume ${runId.slice(0, 8)}\`.`,
  })
}
