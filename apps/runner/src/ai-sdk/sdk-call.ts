import type { EventDraft } from '@ctxlock/contracts/events'
import type { ModelTier } from '@ctxlock/contracts/primitives'
import type { OutgoingCall } from '@ctxlock/provider-ai-sdk/middleware'

import type { CommandError } from '../command-error.ts'
import type { RunIds } from '../run/recorded-run.ts'

/** One call of an application, as it is judged and recorded. */
export interface SdkCall extends OutgoingCall {
  readonly callId: string
  readonly traceId: string
  readonly tier: ModelTier
}

/** Why a call is not made, and the event that says so besides the end of its run. */
export interface SdkRefusal {
  readonly error: CommandError
  readonly event?: (base: SdkEventBase) => EventDraft
}

export type SdkEventBase = ReturnType<typeof sdkEventBase>

/** The envelope fields that every event of one call shares. A call is a run and a job of its own. */
export function sdkEventBase({ traceId, model }: SdkCall, { runId, sessionId }: RunIds) {
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
