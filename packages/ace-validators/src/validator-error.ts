/** What the caller did wrong, or what is forbidden to it; findings of guards are data and never thrown. */
export type ValidatorErrorCode =
  /** A profile pattern is empty, blank, too short, too long or used twice (VAL-040). */
  | 'PATTERN_INVALID'
  /** A mandatory guard is missing, or another guard uses a name twice. */
  | 'GUARD_MISSING'
  /** The input of a hook holds something other than plain data. */
  | 'INPUT_NOT_PLAIN'
  /** The job is poisoned, cancelled or finished; nothing may be changed in its name (VAL-070). */
  | 'JOB_POISONED'
  /** No such job, or the transition is not one of its state machine. */
  | 'JOB_STATE_INVALID'
  /** A child job repeats the inputs that poisoned an earlier child (VAL-072). */
  | 'POISONED_INPUTS_RETRIED'
  /** Poisoning was asked for inside an open transaction, whose rollback would undo it. */
  | 'POISON_IN_TRANSACTION'
  /** The work of a change is asynchronous and would write outside of its transaction. */
  | 'MUTATION_ASYNC'

/** What every function of the package throws; switch on `code`. The message holds no text of a prompt or a source. */
export class ValidatorError extends Error {
  readonly code: ValidatorErrorCode

  constructor(code: ValidatorErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ValidatorError'
    this.code = code
  }
}
