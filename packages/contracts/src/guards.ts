// What the twelve guards judge, and what they answer (spec 05). Everything a hook receives but `ports` is data: the pipeline
// captures and freezes it once, so that no later change of the caller's objects can reach a guard (VAL-007).
import { z } from 'zod'

import type { ContextSnapshot, PromptEnvelope, ScopeInputs } from './context.ts'
import { LayerScope } from './context.ts'
import type { FreshnessVerifier } from './freshness.ts'
import type { SourceHash } from './packs.ts'
import type { PayloadVault, Redactor, SourceReader, TokenCounter } from './ports.ts'
import { AutomationLevel, Count, DeterminismMode, Hash, Identifier, ModelTier, Timestamp } from './primitives.ts'
import type { ArtifactHandle, ArtifactKind, Reference } from './references.ts'
import type { CacheKey, QueryPlan, RetrievalBudgets, RetrievalTrace, ToolDelta } from './retrieval.ts'
import type { InjectionWaiver } from './waivers.ts'

/** Spec 05 section 1; the last three are ours: a pipeline without its guards, text that changed after the scan, a finding of an extra guard. */
export const AceErrorCode = z.enum([
  'DeterminismViolation',
  'InlineDeltaExceeded',
  'CompactionSchemaViolation',
  'MemoryPromotionBlocked',
  'CloudLeakageBlocked',
  'PromptInjectionDetected',
  'JobBoundaryViolation',
  'LocalPayloadViolation',
  'BudgetExceeded',
  'TruncationFlagMissing',
  'ContextPackStale',
  'IndexDrift',
  'ProvenanceMissing',
  'CacheKeyMissing',
  'CacheKeyMismatch',
  'ContentUnresolvable',
  'GuardInternalError',
  'GuardMissing',
  'SnapshotMutated',
  'GuardRefused',
])
export type AceErrorCode = z.infer<typeof AceErrorCode>

const DetailText = z.string().max(512)

/** Ids, hashes and numbers; never text that was scanned (VAL-009). */
export const AceErrorDetails = z.record(
  Identifier,
  z.union([DetailText, z.number(), z.boolean(), z.null(), z.array(DetailText).max(64)]),
)
export type AceErrorDetails = z.infer<typeof AceErrorDetails>

export const AceError = z
  .strictObject({ code: AceErrorCode, guard: Identifier, details: AceErrorDetails })
  .meta({ id: 'AceError' })
export type AceError = z.infer<typeof AceError>

/** Where a pattern was found (VAL-044). `offset` and `length` count code points of the view; the others point into the raw text. */
export const InjectionMatch = z
  .strictObject({
    pattern_id: Identifier,
    view_id: Identifier,
    offset: Count,
    length: Count,
    /** The blocks the match touches, in prompt order: one, or several when it lies across a border (VAL-043). */
    members: z
      .array(
        z.strictObject({
          block: Identifier,
          candidate_id: Identifier.nullable(),
          source_ref_hash: Hash.nullable(),
          content_hash: Hash,
          utf16_start: Count,
          utf16_end: Count,
          utf8_start: Count,
          utf8_end: Count,
        }),
      )
      .min(1),
    table_version: Identifier,
  })
  .meta({ id: 'InjectionMatch' })
export type InjectionMatch = z.infer<typeof InjectionMatch>

/** A match that a waiver holds harmless: it stands in the record like any other, and does nothing else. */
export const WaivedMatch = z.strictObject({ ...InjectionMatch.shape, waiver_id: Hash }).meta({ id: 'WaivedMatch' })
export type WaivedMatch = z.infer<typeof WaivedMatch>

export const GuardHook = z.enum(['plan', 'trace', 'call'])
export type GuardHook = z.infer<typeof GuardHook>

export const GuardVerdict = z.enum(['pass', 'fail', 'degrade', 'quarantine', 'not_applicable'])
export type GuardVerdict = z.infer<typeof GuardVerdict>

/** Something the runtime must take out before the guard runs again (VAL-007, VAL-056, VAL-064), or a promotion it must not make. */
export const GuardRemoval = z.strictObject({
  kind: z.enum(['candidate', 'block', 'pack', 'promotion']),
  /** Of a pack, the hash of its payload. */
  id: Identifier,
  reason: Identifier,
})
export type GuardRemoval = z.infer<typeof GuardRemoval>

export const ScannedText = z.strictObject({ order_key: Identifier, content_hash: Hash })
export type ScannedText = z.infer<typeof ScannedText>

export const GuardOutcome = z.strictObject({
  verdict: GuardVerdict,
  errors: z.array(AceError).max(1024),
  warnings: z.array(z.string().max(8400)).max(1024),
  removals: z.array(GuardRemoval).max(1024),
  /** What was really looked at; assembly compares it with what it is about to render (VAL-012). */
  scanned: z.array(ScannedText),
  matches: z.array(InjectionMatch).max(1024),
  /** Only `PromptInjectionGuard` waives; what another guard says here does not count. */
  waived: z.array(WaivedMatch).max(1024).exactOptional(),
})
export type GuardOutcome = z.infer<typeof GuardOutcome>

/** One pipeline run, attached to FR-EVT-X-ACE-001 (VAL-077, VAL-078). A quarantine is reported as `degrade`. */
export const GuardReport = z
  .strictObject({
    hook: GuardHook,
    guards: z.array(
      z.strictObject({
        name: Identifier,
        verdict: GuardVerdict.exclude(['quarantine']),
        code: AceErrorCode.exactOptional(),
        duration_ms: z.number().min(0),
      }),
    ),
    model_tier: ModelTier,
    determinism_mode: DeterminismMode,
    degraded: z.boolean(),
    drift_flags: z.array(z.string().max(8400)),
    /** Canonical hash of the ordered guards, those of plugins with version and code hash, the tables and the redactor. */
    guard_set_hash: Hash,
  })
  .meta({ id: 'GuardReport' })
export type GuardReport = z.infer<typeof GuardReport>

/** What must not change while a job lives (VAL-045). The run ledger keeps it with its canonical hash. */
export const JobBaseline = z
  .strictObject({ policy_profile_id: Identifier, policy_hash: Hash, model_tier: ModelTier, layer_scope: LayerScope })
  .meta({ id: 'JobBaseline' })
export type JobBaseline = z.infer<typeof JobBaseline>

export interface GuardJob {
  readonly job_id: string
  readonly parent_job_id: string | null
  readonly determinism_mode: DeterminismMode
  readonly baseline: JobBaseline
  /** The canonical hash written to the run ledger when the job was created (VAL-047). */
  readonly baseline_hash: Hash
  /** The same facts as they are now; its tier is derived from the endpoint, not claimed (PROV-045, VAL-035). */
  readonly current: JobBaseline
}

export interface InjectionPattern {
  readonly id: string
  readonly text: string
}

/** The pattern packs a profile may choose. */
export const PatternPackId = z.enum(['override-phrases', 'tool-call-lures', 'other-languages', 'misspellings'])
export type PatternPackId = z.infer<typeof PatternPackId>

/** The part of the policy profile that decides what the scanner finds. */
export interface ScanPolicy {
  readonly injection_patterns: readonly InjectionPattern[]
  /** What they find is quarantined, whatever the view. */
  readonly injection_packs: readonly PatternPackId[]
  /** View V6; default on (spec 05 section 4). */
  readonly quarantine_view: boolean
}

/** What becomes of a candidate in which only a derived view shows a pattern. What the mandatory view shows always poisons. */
export const OnCandidateHit = z.enum(['poison', 'quarantine'])
export type OnCandidateHit = z.infer<typeof OnCandidateHit>

/** The part of the policy profile that decides whether a waiver holds. */
export interface WaiverPolicy extends ScanPolicy {
  readonly policy_profile_id: string
  readonly automation_level: AutomationLevel
  /** Off unless the profile says so; under `LOCKED` no waiver holds in any case. */
  readonly allow_waivers: boolean
}

/** The part of the policy profile that guards read. */
export interface GuardPolicy extends WaiverPolicy {
  readonly on_candidate_hit: OnCandidateHit
  /** Those the host knows a person of this machine stands behind. Whether one holds is for the guard to find out. */
  readonly waivers: readonly InjectionWaiver[]
  readonly on_drift: 'fail' | 'degrade'
  readonly budgets: RetrievalBudgets
  /** Rerank methods declared deterministic for identical inputs (ACE-041). */
  readonly deterministic_rerankers: readonly string[]
  /** Stages this host caches; in strict mode each one that ran needs a key (VAL-057). */
  readonly cacheable_stages: readonly CacheKey['cache_kind'][]
  /** How an encrypted object of the vault begins, in hex (VAL-051). */
  readonly payload_magic: string
}

/** The raw bytes behind one piece of evidence; null when the host could not get them (VAL-010, VAL-011). */
export interface ResolvedSnippet {
  readonly span_id: string
  readonly candidate_id: string
  /** The block that carries it, once there is an envelope. */
  readonly order_key: string | null
  readonly bytes: Uint8Array | null
}

export interface ContainerMember {
  /** Relative path inside the container; part of the index the container's hash covers (CJ-035). */
  readonly path: string
  readonly content_hash: string
  readonly size_bytes: number
  readonly reference: Reference
}

/** What is known about one item. Values come from stores and other processes, so nothing is assumed to be well-typed. */
export interface ResolvedContent {
  readonly kind: ArtifactKind | 'source'
  /** Hash of the bytes as they are now. */
  readonly content_hash: string
  readonly size_bytes: number
  readonly classification: unknown
  readonly exportable: unknown
  /** The members of a bundle or dataset slice; undefined when they could not be listed. */
  readonly members?: readonly ContainerMember[]
  /** What a derived text was made from, such as the sources of a compaction: it leaves only if all of them may. */
  readonly derived_from?: readonly Reference[]
}

export interface ContentResolver {
  /** Undefined when the item is unknown or cannot be read. */
  describe(reference: Reference): ResolvedContent | undefined
  bytes(reference: Reference): Uint8Array | undefined
}

export interface GuardPorts {
  readonly resolver: ContentResolver
  /** Current bytes of workspace files, for freshness and drift. */
  readonly sources: SourceReader
  readonly freshness: FreshnessVerifier
  readonly tokenCounter: TokenCounter
  readonly redactor: Redactor
  readonly vault: Pick<PayloadVault, 'header'>
  /** The rule registry: true for a registered `LAW:` or `RID:` anchor (VAL-022). */
  readonly rules: { has(anchor: string): boolean }
}

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

/**
 * One check. Answers are data; an exception means that the guard could not look, and blocks the call (VAL-005).
 * A hook that a guard leaves out is `not_applicable`.
 */
export interface Guard {
  /** Stable id, such as `CloudLeakageGuard`. */
  readonly name: string
  /** Of a guard that is not built in; part of the report's `guard_set_hash`. */
  readonly version?: string
  /** After planning, before retrieval. */
  validatePlan?(input: PlanInput): GuardOutcome | Promise<GuardOutcome>
  /** After retrieval, before use. */
  validateTrace?(input: TraceInput): GuardOutcome | Promise<GuardOutcome>
  /** After the envelope is assembled, before any byte is sent. */
  validateCall?(input: CallInput): GuardOutcome | Promise<GuardOutcome>
}

/** A guard of a plugin. Its version changes whenever the same call could get another answer. */
export interface VersionedGuard extends Guard {
  readonly version: string
}
