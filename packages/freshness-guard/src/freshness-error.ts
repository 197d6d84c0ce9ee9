import type { StaleReason } from '@ctxlock/contracts/freshness'

/** Codes say what the caller can do; `ContextPackStale` is spelled as the guards spell it (FG-042, VAL-009). */
export type FreshnessErrorCode =
  /** The policy of a profile is not one of FG-001: correct the profile. */
  | 'POLICY_INVALID'
  /** A stored record names no usable pack id, target or payload hash: remove it from the pack store. */
  | 'PACK_UNIDENTIFIABLE'
  /** A source or payload could not be looked at for a reason that is no answer: see `cause`. */
  | 'READ_FAILED'
  /** The combination cannot occur, for example an attempt that was not allowed. */
  | 'DECISION_IMPOSSIBLE'
  /** A required fresh pack was not produced and the policy says fail (FG-023). */
  | 'ContextPackStale'
  /** A replayed run lacks the pack it recorded (FG-018). */
  | 'REPLAY_PACK_UNAVAILABLE'
  /** A recorded decision does not follow from its own fields. */
  | 'RECORD_INCONSISTENT'
  /** The builder did not answer in time; only ever seen as `regenerationError` (FG-017). */
  | 'REGENERATION_TIMEOUT'
  /** The job was cancelled while the builder ran; only ever seen as `regenerationError` (FG-016). */
  | 'REGENERATION_CANCELLED'

export interface FreshnessErrorDetails {
  readonly pack_id?: string
  readonly reason?: StaleReason | null
  readonly decision_row?: string
}

/** The one error of this package. Messages carry ids, hashes and field names, never text of a pack or a source (FG-038). */
export class FreshnessError extends Error {
  override readonly name = 'FreshnessError'
  readonly code: FreshnessErrorCode
  readonly details: FreshnessErrorDetails

  constructor(
    code: FreshnessErrorCode,
    message: string,
    details: FreshnessErrorDetails = {},
    options?: { readonly cause?: unknown },
  ) {
    super(message, options)
    this.code = code
    this.details = details
  }
}
