import type { ModelTier } from '@ctxlock/contracts/primitives'
import type { OutgoingCall } from '@ctxlock/provider-ai-sdk/middleware'

/** One call of an application, as the record knows it. */
export interface SdkCall extends OutgoingCall {
  readonly callId: string
  readonly traceId: string
  readonly runId: string
  readonly sessionId: string
  readonly tier: ModelTier
}

/** The envelope fields that every event of one call shares. A call is a run and a job of its own. */
export function sdkEventBase({ traceId, runId, sessionId, model }: SdkCall) {
  return {
    actor: 'system' as const,
    trace_id: traceId,
    job_id: runId,
    workflow_run_id: runId,
    step_id: 'call',
    model_session_id: sessionId,
    model_id: model,
  }
}
