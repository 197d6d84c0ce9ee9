import type { EventProblem } from '@ctxlock/contracts/events'

/** What went wrong; each code says what the caller can do about it. */
export type RecorderErrorCode =
  /** The event is not one of the catalogue. Nothing was recorded; correct the caller. */
  | 'HSK-400-INVALID-EVENT'
  /** The filter or the page is not one that can be answered. */
  | 'HSK-400-INVALID-QUERY'
  /** The public key is none, or was damaged. */
  | 'HSK-400-INVALID-KEY'
  /** No checkpoint covers the event yet. Anchor the log, or wait for the next checkpoint. */
  | 'HSK-404-NOT-SIGNED'
  /** The log is not the one that was anchored before. Run verify; nothing was overwritten. */
  | 'HSK-409-LOG-DIVERGED'
  /** The text of the event was erased. */
  | 'HSK-410-ERASED'
  /** A transaction is open: what it holds is not durable yet. Call again after COMMIT. */
  | 'HSK-409-UNCOMMITTED'
  /** The log was written by another version of this package. */
  | 'HSK-409-LOG-VERSION'
  /** The database refused. Nothing was recorded: the action the event describes must not happen (REC-013). */
  | 'HSK-500-DB'

/** Messages name ids, types, pointers and counts. They never repeat a value of an event, which may hold anything. */
export class RecorderError extends Error {
  override readonly name = 'RecorderError'
  readonly code: RecorderErrorCode
  /** For HSK-400-INVALID-EVENT: what is wrong, and where. */
  readonly problem: EventProblem | undefined

  constructor(
    code: RecorderErrorCode,
    message: string,
    options: ErrorOptions & { readonly problem?: EventProblem } = {},
  ) {
    super(message, options)
    this.code = code
    this.problem = options.problem
  }
}

/** Runs `work` on the database and gives whatever it throws the code of a failed sink. */
export function onDatabase<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof RecorderError) throw error
    throw new RecorderError('HSK-500-DB', `${what} failed; see the cause.`, { cause: error })
  }
}
