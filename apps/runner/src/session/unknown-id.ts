import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'

interface UnknownId {
  readonly code: string
  /** What was looked for: `run that has a patch`. */
  readonly what: string
  readonly hint: string
}

/** A name that is no id of what was looked for, and the beginning of none or of several. */
export function unknownId(name: string, { code, what, hint }: UnknownId): CommandError {
  const given = name === '' ? 'an empty one' : name.slice(0, 80)
  const message =
    name === 'last' ? `there is no ${what}` : `expected the id of a ${what}, or enough of its beginning, got ${given}`
  return new CommandError({ exit: EXIT_CODE.usage, code, message, hint })
}
