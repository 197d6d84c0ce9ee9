import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'

/** A repository may come with a state folder of its own making: nothing is written or removed through a link. */
export function stateIsLinked(folder: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.refused,
    code: 'STATE_LINKED',
    message: `${folder} belongs to a run, and is reached by a link`,
    hint: 'Remove the link; `.ctxlock` is a folder of this machine and belongs into no repository.',
  })
}
