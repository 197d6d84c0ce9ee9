import type { ModelSwapRequest, SwapPhase, SwapReport } from '@ctxlock/contracts/model-swap'

import type { BoundContext, SwapEvent } from './swap-ports.ts'

/** FR-EVT-MODEL-001. */
export function requestedEvent(request: ModelSwapRequest): SwapEvent {
  return { fr_event_id: 'FR-EVT-MODEL-001', type: 'model_swap_requested', payload: payloadOf(request) }
}

/** FR-EVT-X-SWAP-001: what was reached (SWAP-017). */
export function phaseEvent(
  { request_id }: ModelSwapRequest,
  phase: SwapPhase,
  duration_ms: number,
  measuredVramMb?: number,
): SwapEvent {
  const measured = measuredVramMb === undefined ? {} : { measured_vram_mb: measuredVramMb }
  return {
    fr_event_id: 'FR-EVT-X-SWAP-001',
    type: 'model_swap_phase',
    payload: { request_id, phase, duration_ms, ...measured },
  }
}

/** FR-EVT-MODEL-002, with what was asked for and what was bound (SWAP-015). */
export function completedEvent(request: ModelSwapRequest, { requested, effective }: BoundContext): SwapEvent {
  const hashes = { requested_pack_hashes: requested, effective_pack_hashes: effective }
  return {
    fr_event_id: 'FR-EVT-MODEL-002',
    type: 'model_swap_completed',
    payload: { ...payloadOf(request), ...hashes, outcome: 'success' },
  }
}

/** FR-EVT-MODEL-003, or -004 when the deadline had passed. */
export function failureEvent(request: ModelSwapRequest, error: NonNullable<SwapReport['error']>): SwapEvent {
  const error_summary = `${error.reason}: ${error.message}`.slice(0, 512)
  const payload = { ...payloadOf(request), code: error.code, error_summary }
  return error.reason === 'deadline'
    ? { fr_event_id: 'FR-EVT-MODEL-004', type: 'model_swap_timeout', payload: { ...payload, outcome: 'timeout' } }
    : { fr_event_id: 'FR-EVT-MODEL-003', type: 'model_swap_failed', payload: { ...payload, outcome: 'failure' } }
}

/** FR-EVT-MODEL-005: the previous model is there again. */
export function rollbackEvent(request: ModelSwapRequest): SwapEvent {
  return {
    fr_event_id: 'FR-EVT-MODEL-005',
    type: 'model_swap_rollback',
    payload: { ...payloadOf(request), outcome: 'rollback' },
  }
}

/** The request by references and hashes only (SWAP-035). */
function payloadOf({ requester, metadata, ...request }: ModelSwapRequest) {
  const { schema_version: _, priority: __, ...fields } = request
  const { wp_id, mt_id } = requester
  return {
    ...fields,
    ...(wp_id !== undefined && { wp_id }),
    ...(mt_id !== undefined && { mt_id }),
    ...(metadata?.requested_pack_hashes && { requested_pack_hashes: metadata.requested_pack_hashes }),
  }
}
