/**
 * Caller's mistakes: `ID_INVALID`, `NOT_JSON`, `TOO_LARGE`, `RUN_UNKNOWN`, `RUN_CONFLICT`, `RUN_FINISHED`,
 * `VERSION_MISMATCH`, `NON_DETERMINISM`, `INSIDE_TRANSACTION`, `COMMIT_ASYNC`. Another process: `STEP_TAKEN`.
 * The file: `STATE_CORRUPT`, `SCHEMA_NEWER`.
 */
export type EngineErrorCode =
  | 'ID_INVALID'
  | 'NOT_JSON'
  | 'TOO_LARGE'
  | 'RUN_UNKNOWN'
  | 'RUN_CONFLICT'
  | 'RUN_FINISHED'
  | 'VERSION_MISMATCH'
  | 'NON_DETERMINISM'
  | 'INSIDE_TRANSACTION'
  | 'COMMIT_ASYNC'
  | 'STEP_TAKEN'
  | 'STATE_CORRUPT'
  | 'SCHEMA_NEWER'

/** The one error of this package. Messages hold ids and hashes, never an input or a result. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code: EngineErrorCode

  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
