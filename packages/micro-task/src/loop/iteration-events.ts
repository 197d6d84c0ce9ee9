import type { ModelReply, Verdict } from '@ctxlock/contracts/micro-task-iteration'
import type { IterationRecord } from '@ctxlock/contracts/micro-task-run'

import { RECOVERABLE_BLOCK_REASONS, type Decision } from '../decision.ts'
import type { IterationRequest } from './iteration.ts'
import type { LoopEvent } from './loop-event.ts'

export interface FinishedIteration {
  readonly request: IterationRequest
  readonly reply: ModelReply
  readonly verdict: Verdict
}

/** What one finished iteration has on record: its block, its validation, its end with the decision (FR-EVT-MT-017, -012, -003). */
export function iterationEvents({ request, reply, verdict }: FinishedIteration, decision: Decision): LoopEvent[] {
  const about = { mt_id: request.definition.mt_id, iteration: request.number }
  const { validation, blocked, summary, category } = verdict
  return [
    ...(blocked
      ? [
          {
            ...about,
            fr_event_id: 'FR-EVT-MT-017' as const,
            type: 'micro_task_blocked' as const,
            payload: { ...blocked, recoverable: RECOVERABLE_BLOCK_REASONS.has(blocked.reason) },
          },
        ]
      : []),
    ...(validation
      ? [
          {
            ...about,
            fr_event_id: 'FR-EVT-MT-012' as const,
            type: 'micro_task_validation' as const,
            payload: {
              passed: validation.passed,
              specs_total: validation.specs_total,
              specs_passed: validation.specs_passed,
              blocking_failed: [...validation.blocking_failed],
              duration_ms: validation.duration_ms,
              evidence_artifact_ref: validation.evidence.content_hash,
            },
          },
        ]
      : []),
    {
      ...about,
      fr_event_id: 'FR-EVT-MT-003',
      type: 'micro_task_iteration_complete',
      payload: {
        model: { base: reply.model_id ?? request.modelId, context_window: reply.context_window },
        execution: {
          tokens_prompt: reply.tokens_prompt,
          tokens_completion: reply.tokens_completion,
          duration_ms: verdict.duration_ms,
          escalation_level: request.level,
        },
        outcome: {
          claimed_complete: verdict.outcome.kind === 'claimed',
          ...(verdict.outcome.kind === 'claimed' && { validation_passed: verdict.outcome.validation_passed }),
          status: outcomeOf(decision, verdict),
          ...(category !== undefined && { failure_category: category }),
          ...(summary !== undefined && { error_summary: summary }),
        },
        context_snapshot_id: reply.context_snapshot_id,
        ...(validation && { evidence_artifact_ref: validation.evidence.content_hash }),
        decision: decision.action,
      },
    },
  ]
}

export function outcomeOf({ action }: Decision, { outcome }: Verdict): IterationRecord['outcome'] {
  if (action === 'complete') return 'SUCCESS'
  if (action === 'skip') return 'SKIPPED'
  if (outcome.kind === 'blocked') return 'BLOCKED'
  return action === 'retry' ? 'RETRY' : 'ESCALATE'
}
