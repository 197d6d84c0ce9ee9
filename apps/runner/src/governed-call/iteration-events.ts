import type { EventDraft } from '@ctxlock/contracts/events'

import type { Session } from '../session/session.ts'
import type { CallReply } from './call-reply.ts'
import type { CallIds, CallSubject } from './call-subject.ts'
import { callEventBase } from './event-base.ts'
import type { IdentifiedCall } from './identify.ts'
import { quotationsHold } from './quotations-hold.ts'
import type { IntentInput } from './record/record-intent.ts'
import type { SettledCall } from './settled-call.ts'

/**
 * FR-EVT-MT-013 and -002, before anything of the iteration happens (MT-011). There is no module for LoRAs, so none is selected (MT-066). A
 * call without an executor has one level and selects nothing. Before them stands what identifying the call `resolved`.
 */
export function recordIterationStart(
  session: Pick<Session, 'recorder' | 'state'>,
  subject: CallSubject,
  ids: CallIds,
  { model }: IdentifiedCall,
  resolved: readonly EventDraft[],
): void {
  const base = callEventBase(ids, subject)
  const { model_id } = model
  session.state.unsynced(() =>
    session.recorder.recordAll([
      ...resolved,
      ...(subject.attempt
        ? [
            {
              ...base,
              fr_event_id: 'FR-EVT-MT-013' as const,
              type: 'micro_task_lora_selection' as const,
              payload: { model_id, lora_id: null, selector: 'none' as const },
            },
          ]
        : []),
      {
        ...base,
        fr_event_id: 'FR-EVT-MT-002',
        type: 'micro_task_iteration_started',
        payload: { escalation_level: subject.attempt?.level ?? 0, model_id, step_id: ids.stepId },
      },
    ]),
  )
}

/** FR-EVT-MT-003: how the one iteration ended. A failed call or quotation may be tried again by resuming the run. */
export function iterationEnd(
  { ids, subject, identified, compiled }: IntentInput,
  reply: CallReply,
  settled: SettledCall,
) {
  const usage = reply.status === 'answered' ? reply.result.usage : reply.error.usage
  const passed = settled.outcome !== 'failed' && quotationsHold(subject, settled.quotations)
  return {
    ...callEventBase(ids, subject),
    fr_event_id: 'FR-EVT-MT-003' as const,
    type: 'micro_task_iteration_complete' as const,
    payload: {
      model: {
        base: identified.model.model_id,
        context_window: identified.client.profile(identified.model.model_id).max_context_tokens,
      },
      execution: {
        tokens_prompt: usage?.inputTokens ?? 0,
        tokens_completion: usage?.outputTokens ?? 0,
        duration_ms: reply.status === 'answered' ? Math.round(reply.result.timings.totalMs) : 0,
        escalation_level: 0,
      },
      outcome: {
        claimed_complete: reply.status === 'answered',
        validation_passed: passed,
        status: passed ? ('SUCCESS' as const) : ('RETRY' as const),
        ...(reply.status === 'failed' && { error_summary: reply.error.code }),
      },
      context_snapshot_id: compiled.snapshot.context_snapshot_id,
      decision: passed ? ('complete' as const) : ('retry' as const),
    },
  }
}
