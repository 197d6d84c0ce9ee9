import { z } from 'zod'

import { Count, DeterminismMode, Hash, Identifier, ModelTier } from '../primitives.ts'

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
