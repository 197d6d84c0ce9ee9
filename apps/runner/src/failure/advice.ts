import { EXIT_CODE, type ExitCode } from '../exit-code.ts'

/** What an error means for whoever ran the command. */
export interface Advice {
  readonly exit: ExitCode
  /** What to do next, or what did not happen where the message itself says what to do. */
  readonly hint: string
}

/** The message says what to do. */
export const NOTHING_SENT: Advice = { exit: EXIT_CODE.refused, hint: 'Nothing was sent.' }

export const CORRECT_CONFIG: Advice = { exit: EXIT_CODE.usage, hint: 'Correct the config; nothing was sent.' }

export const CORRECT_TASK: Advice = { exit: EXIT_CODE.usage, hint: 'Correct the task file; nothing was sent.' }

/** An older ctxlock met the state of a newer one. */
export const NEWER_TABLES: Advice = {
  exit: EXIT_CODE.usage,
  hint: 'Use the release of ctxlock that wrote it, or a later one; nothing was changed.',
}

/** A record in the state folder is not what was written. */
export const DAMAGED_STATE: Advice = {
  exit: EXIT_CODE.verificationFailed,
  hint: 'Put a backup of `.ctxlock` in its place; `ctxlock verify` says what is damaged. Nothing was sent.',
}

/** No input should lead here. */
export const BUG: Advice = {
  exit: EXIT_CODE.failed,
  hint: 'This is a bug. Please report it with the command that was run.',
}
