import { ProviderError } from '@ctxlock/contracts/provider'
import { keyedDigest } from '@ctxlock/core-hash'

import { tokenUsage } from '../governed-call/budget/token-usage.ts'
import type { RunIds } from '../run/recorded-run.ts'
import type { Session } from '../session/session.ts'
import { EMBEDDING_DIGEST } from '../workspace/digest-domains.ts'
import type { CloudEmbeddingRefused, EmbeddingModel } from './embedding-model.ts'
import type { EmbeddingRequest } from './provider-embedder.ts'

/** One event for every request, by digest and count (REC-017). */
export function recordRequest(session: Session, ids: RunIds, model: EmbeddingModel, request: EmbeddingRequest): void {
  const { texts, outcome, latencyMs } = request
  const base = eventBase(session, ids)
  const failed = outcome instanceof ProviderError
  session.recorder.record({
    ...base,
    model_id: model.modelId,
    fr_event_id: 'FR-EVT-006',
    type: 'llm_inference',
    payload: {
      trace_id: base.trace_id,
      model_id: model.modelId,
      token_usage: tokenUsage(outcome.usage),
      latency_ms: Math.round(latencyMs),
      prompt_hash: keyedDigest(session.state.digestKey, EMBEDDING_DIGEST, JSON.stringify(texts)),
      provider_id: model.provider.provider_id,
      backend: 'local',
      usage_source: outcome.usage?.source ?? 'none',
      ...(failed ? { error_code: outcome.code } : {}),
      ...(!failed && outcome.responseModel !== null && { effective_model_id: outcome.responseModel }),
    },
  })
}

/** Every vector was made anew (ACE-061). */
export function recordModelChange(session: Session, ids: RunIds, { modelId }: EmbeddingModel): void {
  session.recorder.record({
    ...eventBase(session, ids),
    model_id: modelId,
    fr_event_id: 'FR-EVT-003',
    type: 'diagnostic',
    payload: { diagnostic_id: 'embedding_model_changed', severity: 'warning', source: 'embedding' },
  })
}

/** As a call to a cloud model would be: asked for, and denied (REC-023). */
export function recordRefusal(session: Session, ids: RunIds, { modelId }: CloudEmbeddingRefused): void {
  const base = eventBase(session, ids)
  const payload = {
    request_id: base.trace_id,
    reason: 'embedding',
    requested_model_id: modelId,
  }
  session.recorder.recordAll([
    { ...base, fr_event_id: 'FR-EVT-CLOUD-001', type: 'cloud_escalation_requested', payload },
    {
      ...base,
      fr_event_id: 'FR-EVT-CLOUD-003',
      type: 'cloud_escalation_denied',
      payload: { ...payload, outcome: 'denied', denied_check: 'no_consent' },
    },
  ])
}

function eventBase(session: Pick<Session, 'environment'>, { runId, sessionId }: RunIds) {
  return {
    actor: 'system' as const,
    trace_id: session.environment.random.uuid(),
    workflow_run_id: runId,
    model_session_id: sessionId,
  }
}
