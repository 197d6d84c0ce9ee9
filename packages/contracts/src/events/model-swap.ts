// The five canonical swap events and the phases between them (spec 07 section 8, SWAP-017).
import { z } from 'zod'

import { RuntimeRole } from '../packs.ts'
import { Hash, Uuid } from '../primitives.ts'
import { BY_SYSTEM, ENVELOPE, named } from './envelope.ts'
import { ArtifactReference, EventCode, EventIdentifier, EventText, Milliseconds, listOf } from './fields.ts'

const PackHashes = z.strictObject({ role_pack_hash: Hash, work_unit_pack_hash: Hash })
const Megabytes = z.int().min(1)

const request = {
  request_id: Uuid,
  current_model_id: EventIdentifier,
  target_model_id: EventIdentifier,
  role: RuntimeRole,
  reason: EventCode,
  swap_strategy: z.enum(['unload_reload', 'keep_hot_swap', 'disk_offload']).exactOptional(),
  max_vram_mb: Megabytes.exactOptional(),
  max_ram_mb: Megabytes.exactOptional(),
  timeout_ms: z.int().min(1).exactOptional(),
  state_persist_refs: listOf(ArtifactReference).exactOptional(),
  state_hash: Hash.exactOptional(),
  context_compile_ref: EventIdentifier.exactOptional(),
  wp_id: EventIdentifier.exactOptional(),
  mt_id: EventIdentifier.exactOptional(),
  error_summary: EventText.exactOptional(),
  requested_pack_hashes: PackHashes.exactOptional(),
  effective_pack_hashes: PackHashes.exactOptional(),
  code: EventCode.exactOptional(),
}

const ofSwap = { ...ENVELOPE, ...BY_SYSTEM }

const SwapRequested = z.strictObject({
  ...ofSwap,
  ...named('FR-EVT-MODEL-001', 'model_swap_requested'),
  payload: z.strictObject(request),
})
const SwapCompleted = z.strictObject({
  ...ofSwap,
  ...named('FR-EVT-MODEL-002', 'model_swap_completed'),
  payload: z.strictObject({ ...request, outcome: z.literal('success').exactOptional() }),
})
const SwapFailed = z.strictObject({
  ...ofSwap,
  ...named('FR-EVT-MODEL-003', 'model_swap_failed'),
  payload: z.strictObject({ ...request, outcome: z.literal('failure').exactOptional() }),
})
const SwapTimeout = z.strictObject({
  ...ofSwap,
  ...named('FR-EVT-MODEL-004', 'model_swap_timeout'),
  payload: z.strictObject({ ...request, outcome: z.literal('timeout').exactOptional() }),
})
const SwapRollback = z.strictObject({
  ...ofSwap,
  ...named('FR-EVT-MODEL-005', 'model_swap_rollback'),
  payload: z.strictObject({ ...request, outcome: z.literal('rollback').exactOptional() }),
})
const SwapPhase = z.strictObject({
  ...ofSwap,
  ...named('FR-EVT-X-SWAP-001', 'model_swap_phase'),
  payload: z.strictObject({
    request_id: Uuid,
    phase: z.enum(['persisted', 'drained', 'offloaded', 'loaded', 'compiled', 'bound', 'resumed']),
    duration_ms: Milliseconds,
    measured_vram_mb: z.int().min(0).exactOptional(),
  }),
})

export const MODEL_SWAP_EVENTS = [
  SwapRequested,
  SwapCompleted,
  SwapFailed,
  SwapTimeout,
  SwapRollback,
  SwapPhase,
] as const
