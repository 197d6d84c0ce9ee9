import type { ContextPackFreshnessRecord } from '@ctxlock/contracts/freshness'

/** Codes say what the caller can do. */
export type CompileErrorCode =
  /** An argument breaks its contract: correct the caller. */
  | 'InvalidInput'
  /** Retrieval was asked for without a plan (ACE-018): call `planQuery` first. */
  | 'QueryPlanRequired'
  /** The plan requires a store this installation has no route for: install one or make the step optional. */
  | 'RouteUnavailable'
  /** A required step failed or brought nothing (FG-029): see `cause`. */
  | 'RequiredRouteFailed'
  /** A required fresh pack was not to be had and the policy says fail (FG-023). */
  | 'ContextPackStale'
  /** A source changed under a strict call (VAL-056): sync the index and call again. */
  | 'IndexDrift'
  /** The vectors an embedder brought cannot be used: look at the embedding model. */
  | 'EmbeddingInvalid'
  /** A reranker did not return what it was given, reordered: replace it. */
  | 'RerankInvalid'
  /** The persisted candidate list is not the recorded one (VAL-017): the replay cannot go on. */
  | 'CandidateListTampered'
  /** A source is gone or differs from the recording (ACE-016): restore it to replay. */
  | 'ReplaySourceChanged'
  /** The same inputs select other evidence than recorded: the recording or this program differs. */
  | 'ReplayMismatch'
  /** A block that may not stand in the stable prefix (ACE-011, ACE-012). */
  | 'PrefixContamination'
  /** Two blocks of one context share an order key. */
  | 'DuplicateOrderKey'
  /** A snippet without a hashed, bounded reference to where it stands. */
  | 'EvidenceWithoutSource'
  /** What must never be dropped exceeds the budget alone (ACE-074): raise the budget or shorten the task. */
  | 'PinnedOverflow'
  /** The blocks exceed the budget: retrieve with a smaller evidence budget. */
  | 'BudgetExceeded'
  /** Strict calls need a seed (VAL-016). */
  | 'SeedRequired'
  /** A job that is no ingestion job asked to write raw content (ACE-005). */
  | 'RawWriteRefused'
  /** What is about to be sent is not what was scanned or hashed (VAL-012). */
  | 'SnapshotMutated'

export interface CompileErrorDetails {
  readonly candidate_id?: string
  readonly source_id?: string
  readonly store?: string
  readonly order_key?: string
  /** The records behind a `ContextPackStale`. */
  readonly freshness?: readonly ContextPackFreshnessRecord[]
}

/** The one error of this package. Messages hold ids, hashes, names and numbers, never text of a source or a prompt. */
export class CompileError extends Error {
  override readonly name = 'CompileError'
  readonly code: CompileErrorCode
  readonly details: CompileErrorDetails

  constructor(
    code: CompileErrorCode,
    message: string,
    details: CompileErrorDetails = {},
    options?: { readonly cause?: unknown },
  ) {
    super(message, options)
    this.code = code
    this.details = details
  }
}
