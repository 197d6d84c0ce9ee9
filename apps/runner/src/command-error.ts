import type { ExitCode } from './exit-code.ts'

export interface CommandErrorParts {
  readonly exit: ExitCode
  /** What went wrong: expected, got. One line. */
  readonly message: string
  /** What to do next. */
  readonly hint?: string
  /** A stable name for scripts, such as `CONFIG_INVALID` or the code of the package that refused. */
  readonly code: string
  readonly details?: Readonly<Record<string, unknown>>
}

/** A failure the person can act on. Printed as one message, without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exit: ExitCode
  readonly code: string
  readonly hint: string | undefined
  readonly details: Readonly<Record<string, unknown>> | undefined

  constructor(parts: CommandErrorParts, options?: ErrorOptions) {
    super(parts.message, options)
    this.exit = parts.exit
    this.code = parts.code
    this.hint = parts.hint
    this.details = parts.details
  }
}
