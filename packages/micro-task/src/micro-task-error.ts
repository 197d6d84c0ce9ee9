export type MicroTaskErrorCode =
  | 'STEP_NAME_REPEATED'
  | 'STEP_UNKNOWN'
  | 'STEP_NUMBER_INVALID'
  | 'DEFINITIONS_FOREIGN'
  | 'SWAP_REQUEST_INVALID'
  | 'SWAP_REQUEST_REUSED'
  | 'SWAP_UNDER_WAY'
  | 'SWAP_RECORD_DAMAGED'
  | 'CALL_REUSED'
  | 'LOCK_PATH_INVALID'
  | 'MODULE_MISSING'
  | 'CHAIN_INVALID'
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
