/** What went wrong; each code says what the caller can do about it. */
export type MicroTaskErrorCode =
  /** Two steps of a task file share a name: rename one of them. */
  | 'STEP_NAME_REPEATED'
  /** A step depends on one that the task file does not have: correct the name. */
  | 'STEP_UNKNOWN'
  /** The number of an iteration is no running number from 1: a mistake of the caller. */
  | 'STEP_NUMBER_INVALID'
  /** Definitions are of another generator or version, or not those the run began with: start a new run of the task file. */
  | 'DEFINITIONS_FOREIGN'
  /** A swap was asked for with a member that is missing, wrong or unknown (SWAP-004); nothing was changed. */
  | 'SWAP_REQUEST_INVALID'
  /** Another request was recorded under this id: a mistake of the caller, who takes a new id for another swap. */
  | 'SWAP_REQUEST_REUSED'
  /** A process left this swap unfinished: call `recover` first. */
  | 'SWAP_UNDER_WAY'
  /** The row of a swap cannot be read, or is gone: restore the state database. */
  | 'SWAP_RECORD_DAMAGED'
  /** Another call was enqueued under this id: a mistake of the caller. */
  | 'CALL_REUSED'
  /** A path to lock is not relative, canonical and inside the workspace: correct it; nothing was locked. */
  | 'LOCK_PATH_INVALID'
  /** The policy asks for a module that is not installed (MT-067): take it out of the policy. */
  | 'MODULE_MISSING'
  /** The escalation chain does not begin with a local model or skips a level: correct `escalation_chain`. */
  | 'CHAIN_INVALID'
  /** A line of the ledger is no record or out of place: restore the file, or delete it, and it is written again. */
  | 'LEDGER_DAMAGED'

/** A task file or a caller that cannot be worked with. What a model or a definition got wrong is data, not an error. */
export class MicroTaskError extends Error {
  override readonly name = 'MicroTaskError'
  readonly code: MicroTaskErrorCode

  constructor(code: MicroTaskErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
