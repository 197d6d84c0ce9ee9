import type { ContextSnapshot, PromptEnvelope, ScopeInputs } from '../context.ts'
import type { SourceHash } from '../packs.ts'
import type { Hash, Timestamp } from '../primitives.ts'
import type { ArtifactHandle, Reference } from '../references.ts'
import type { CacheKey, QueryPlan, RetrievalTrace, ToolDelta } from '../retrieval.ts'
import type { GuardJob, GuardPolicy } from './guard-policy.ts'
import type { GuardPorts, ResolvedSnippet } from './guard-ports.ts'

export interface PlanInput {
  /** The clock value pinned to the call. */
  readonly now: Timestamp
  readonly job: GuardJob
  readonly policy: GuardPolicy
  readonly plan: QueryPlan
  readonly ports: GuardPorts
}

export interface TraceInput extends PlanInput {
  readonly trace: RetrievalTrace
  /** The candidate list as it was persisted, canonical JSON; null when none was (VAL-017). */
  readonly candidate_list: Uint8Array | null
  readonly snippets: readonly ResolvedSnippet[]
  readonly packs: readonly PackUse[]
}

export interface CacheStage {
  readonly cache_kind: CacheKey['cache_kind']
  readonly hit: boolean
  /** The key as it was logged, or null when none was. */
  readonly key: CacheKey | null
  readonly toolchain: readonly { readonly tool_id: string; readonly tool_version: string; readonly config_hash: Hash }[]
  readonly sources: readonly SourceHash[]
  /** Hash of the cached value, and in replay the hash recorded for it (VAL-059). */
  readonly payload_hash: Hash | null
  readonly recorded_payload_hash: Hash | null
}

export interface ToolDeltaUse {
  readonly delta: ToolDelta
  /** The blocks that carry its text. */
  readonly order_keys: readonly string[]
}

/** A pack that contributed to the call, as read from its store: judged, never trusted. */
export interface PackUse {
  readonly record: unknown
  readonly payload: unknown
}

export interface Compaction {
  /** The artifact the items are stored in; evidence may not point back at it (VAL-024). */
  readonly artifact: ArtifactHandle | null
  readonly items: readonly unknown[]
}

/** One wish to move an item from the session log to long-term memory (VAL-025..028). */
export interface Promotion {
  readonly item: unknown
  readonly item_changed_at: Timestamp
  readonly validation: unknown
  /** The recorded review decision a `procedural` item needs. */
  readonly review: { readonly reviewer: string; readonly item_hash: string; readonly approved: boolean } | null
}

/** Everything about one call, before any byte of it is sent (VAL-002). `plan` and `trace` are null for a call without retrieval. */
export interface CallInput extends Omit<TraceInput, 'plan' | 'trace'> {
  readonly plan: QueryPlan | null
  readonly trace: RetrievalTrace | null
  readonly scope_inputs: ScopeInputs
  readonly snapshot: ContextSnapshot
  readonly envelope: PromptEnvelope
  /** The message texts exactly as they will be sent. */
  readonly rendered: readonly string[]
  readonly cache_stages: readonly CacheStage[]
  readonly tool_deltas: readonly ToolDeltaUse[]
  /** References of the projection plan (VAL-032). */
  readonly projection_refs: readonly Reference[]
  readonly compactions: readonly Compaction[]
  readonly promotions: readonly Promotion[]
}
