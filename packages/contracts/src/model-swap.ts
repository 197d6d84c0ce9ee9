// A change of model within a job, and what came of it (spec 07 sections 2 and 3). The policy about it is `ModelSwapPolicy`.
import { z } from 'zod'

import { RuntimeRole } from './packs.ts'
import { Count, Hash, Identifier, Summary, Uuid } from './primitives.ts'

export const SwapStrategy = z.enum(['unload_reload', 'keep_hot_swap', 'disk_offload'])
export type SwapStrategy = z.infer<typeof SwapStrategy>

export const PackPairHashes = z.strictObject({ role_pack_hash: Hash, work_unit_pack_hash: Hash })
export type PackPairHashes = z.infer<typeof PackPairHashes>

const Megabytes = z.int().min(1)

/** The typed command that changes the model of a job (SWAP-004). */
export const ModelSwapRequest = z
  .strictObject({
    schema_version: z.literal('hsk.model_swap@0.4'),
    /** Idempotency key: asked again, the recorded report is the answer (SWAP-005). */
    request_id: Uuid,
    current_model_id: Identifier,
    /** Differs from the current one unless the reason is `reload`. */
    target_model_id: Identifier,
    role: RuntimeRole,
    priority: z.enum(['low', 'normal', 'high', 'critical']),
    /** Such as `escalation`, `drop_back`, `context_overflow`, `resource_pressure` or `reload`; others are allowed. */
    reason: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/),
    swap_strategy: SwapStrategy,
    /** Content hashes of the stored artifacts that hold the state of the work. */
    state_persist_refs: z.array(Hash).min(1).max(256),
    /** Canonical hash of `{ref, content_hash}` for each reference, in order. */
    state_hash: Hash,
    context_compile_ref: Identifier,
    max_vram_mb: Megabytes,
    max_ram_mb: Megabytes,
    timeout_ms: z.int().min(1),
    requester: z.strictObject({
      subsystem: z.enum(['mt_executor', 'governance', 'ui', 'orchestrator']),
      job_id: Identifier.exactOptional(),
      wp_id: Identifier.exactOptional(),
      mt_id: Identifier.exactOptional(),
    }),
    metadata: z
      .strictObject({
        requested_pack_hashes: PackPairHashes.exactOptional(),
        notes: z.record(z.string().regex(/^[a-z][a-z0-9_]{0,63}$/), Summary).exactOptional(),
      })
      .exactOptional(),
  })
  .meta({ id: 'ModelSwapRequest' })
export type ModelSwapRequest = z.infer<typeof ModelSwapRequest>

/** The states of a swap; the last three end it. */
export const SwapState = z.enum([
  'requested',
  'persisting',
  'verifying',
  'draining',
  'unloading',
  'loading',
  'compiling',
  'binding',
  'resuming',
  'rolling_back',
  'completed',
  'failed',
  'timed_out',
])
export type SwapState = z.infer<typeof SwapState>

/** What was reached, in the words of FR-EVT-X-SWAP-001 (SWAP-017). */
export const SwapPhase = z.enum(['persisted', 'drained', 'offloaded', 'loaded', 'compiled', 'bound', 'resumed'])
export type SwapPhase = z.infer<typeof SwapPhase>

export const SwapFailureReason = z.enum([
  'swaps_not_allowed',
  'swap_limit',
  'timeout_above_policy',
  'same_model',
  'tier_changed',
  'model_not_permitted',
  'state_missing',
  'state_hash_mismatch',
  'drain_failed',
  'unload_failed',
  'budget_exceeded',
  'unmeasured_model',
  'load_failed',
  'not_ready',
  'compile_failed',
  'window_too_small',
  'pack_missing',
  'constraints_weakened',
  'resume_failed',
  'deadline',
  'cancelled',
  'crashed',
])
export type SwapFailureReason = z.infer<typeof SwapFailureReason>

/** What came of a swap; stored as an artifact (SWAP-019). */
export const SwapReport = z
  .strictObject({
    schema_version: z.literal('ctxlock.swap_report@1'),
    request_id: Uuid,
    outcome: z.enum(['success', 'failure', 'timeout']),
    /** The model calls may go to now; null when neither could be made ready. */
    model_id: Identifier.nullable(),
    /** Null when nothing had to be rolled back. */
    rolled_back: z.boolean().nullable(),
    phases: z.array(z.strictObject({ name: SwapPhase, duration_ms: Count })),
    measured_vram_mb: Count.exactOptional(),
    previous_binding_id: Uuid.nullable(),
    new_binding_id: Uuid.nullable(),
    context_snapshot_id: Uuid.nullable(),
    requested_pack_hashes: PackPairHashes.exactOptional(),
    effective_pack_hashes: PackPairHashes.exactOptional(),
    warnings: z.array(Summary),
    error: z
      .strictObject({
        code: z.enum(['CX-MM-003', 'JobBoundaryViolation', 'PACK_MISSING', 'PACK_CONSTRAINTS_WEAKENED']),
        reason: SwapFailureReason,
        /** For people; no state, prompt or server text. */
        message: Summary,
      })
      .exactOptional(),
  })
  .meta({ id: 'SwapReport' })
export type SwapReport = z.infer<typeof SwapReport>
