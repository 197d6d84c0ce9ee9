import type { CallError, ModelReply } from '@ctxlock/contracts/micro-task-iteration'
import { RETRYABLE_CODES, type ProviderError } from '@ctxlock/contracts/provider'
import { canonicalHash } from '@ctxlock/core-hash'
import { callKey } from '@ctxlock/micro-task'

import type { CallReply } from '../governed-call/call-reply.ts'
import type { IntentInput } from '../governed-call/record/record-intent.ts'
import type { SettledCall } from '../governed-call/settled-call.ts'
import type { Session } from '../session/session.ts'
import { RECORD_LABEL } from '../session/store-record.ts'

export interface CallTiming {
  /** Canonical timestamp. */
  readonly startedAt: string
  readonly durationMs: number
  /** The time of the call was over, and this process ended it. */
  readonly timedOut: boolean
}

/** A settled call as the loop knows it. The answer is stored verbatim and named by its hash (MT-050). */
export function modelReply(
  { artifacts }: Pick<Session, 'artifacts'>,
  { ids, subject, identified, compiled }: IntentInput,
  { reply, settled }: { readonly reply: CallReply; readonly settled: SettledCall },
  { startedAt, durationMs, timedOut }: CallTiming,
): ModelReply {
  const usage = reply.status === 'answered' ? reply.result.usage : reply.error.usage
  const facts = {
    call_id: ids.callId,
    model_id: identified.model.model_id,
    idempotency_key: idempotencyKey({ subject, identified, compiled }),
    context_snapshot_id: compiled.snapshot.context_snapshot_id,
    context_window: identified.client.profile(identified.model.model_id).max_context_tokens,
    tokens_prompt: usage?.inputTokens ?? 0,
    tokens_completion: usage?.outputTokens ?? 0,
    started_at: startedAt,
    duration_ms: durationMs,
  }
  if (reply.status === 'failed') {
    return { ...facts, status: 'failed', error: callError(reply.error, timedOut), code: reply.error.code }
  }
  const { quotations } = settled
  const { finishReason } = reply.result
  return {
    ...facts,
    status: 'answered',
    output: artifacts.put(new TextEncoder().encode(reply.result.text), RECORD_LABEL),
    degraded: compiled.snapshot.degraded,
    quotations: {
      total: quotations.length,
      sound: quotations.filter(({ status }) => status === 'verified' || status === 'repaired').length,
    },
    ...((finishReason === 'length' || finishReason === 'content_filter') && { ended_by: finishReason }),
  }
}

/** Names a call by what it asks whom (MT-046). */
export function idempotencyKey({
  subject,
  identified,
  compiled,
}: Pick<IntentInput, 'subject' | 'identified' | 'compiled'>): string {
  return canonicalHash(
    callKey({
      mtId: subject.definition.mt_id,
      iteration: subject.iteration,
      modelId: identified.model.model_id,
      promptHash: compiled.envelope.full_prompt_hash,
    }),
  )
}

/** The row of the error table a provider's error belongs to (spec 08 section 4). */
function callError({ code, retryable }: ProviderError, timedOut: boolean): CallError {
  if (timedOut || code === 'timeout') return 'model_timeout'
  if (code === 'context_overflow' || code === 'payload_too_large') return 'context_overflow'
  if (code === 'quota_exhausted' || code === 'budget_exceeded') return 'resource_exhausted'
  return retryable && RETRYABLE_CODES.has(code) ? 'model_error_transient' : 'model_error'
}
