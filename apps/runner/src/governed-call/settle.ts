import { decodeSourceText } from '@ctxlock/contracts/evidence'
import { pathOfSourceId } from '@ctxlock/contracts/references'
import { checkQuotations, type QuotationCheck } from '@ctxlock/micro-task'

import type { Session } from '../session/session.ts'
import { answerDigest } from './answer-digest.ts'
import { costOfReply } from './budget/run-cost.ts'
import { tokenUsage } from './budget/token-usage.ts'
import type { CallOptions } from './call-options.ts'
import type { CallReply } from './call-reply.ts'
import { callEventBase } from './event-base.ts'
import { iterationEnd } from './iteration-events.ts'
import { leaveModelSession } from './model-session.ts'
import { quotationsHold } from './quotations-hold.ts'
import type { IntentInput } from './record/record-intent.ts'
import type { SettledCall } from './settled-call.ts'
import { wireFields } from './wire-digest.ts'

/** Step 10: checks the answer against the bytes on disk and records what came back, by digest and count. */
export function settle(
  session: Session,
  input: IntentInput,
  reply: CallReply,
  options: Pick<CallOptions, 'onSettled' | 'resumeId'> = {},
): SettledCall {
  const settled = judge(session, input, reply)
  const answer = reply.status === 'answered' ? answerDigest(session, reply.result.text) : undefined
  session.state.synced(() => {
    session.recorder.recordAll([
      inferenceEvent(session, input, reply, answer),
      ...accuracyWarning(session, input, reply),
      settledEvent(input, reply, settled, answer),
      // An attempt of the executor ends with its validation, not with its call.
      ...(input.subject.attempt ? [] : [iterationEnd(input, reply, settled)]),
      ...leaveModelSession(session, { ...input, options }, reply),
    ])
    options.onSettled?.({ ...input, reply, settled })
  })
  return settled
}

function judge(session: Pick<Session, 'reader'>, input: IntentInput, reply: CallReply): SettledCall {
  if (reply.status === 'failed') return { outcome: 'failed', answer: '', quotations: [], result: undefined }
  const { result } = reply
  const shown = new Set(input.compiled.retrieval.snippets.map(({ span }) => pathOfSourceId(span.ref.id)))
  const { checks } = checkQuotations(result.text, (path) => {
    const read = session.reader.read(path)
    const text = read.status === 'read' ? decodeSourceText(read.bytes) : undefined
    return { status: read.status, allowed: shown.has(path), ...(text !== undefined && { text }) }
  })
  const sound = quotationsHold(input.subject, checks)
  const whole = result.finishReason === 'stop' && !result.warnings.some((warning) => CUT.has(warning))
  return {
    outcome: sound && whole && !input.compiled.snapshot.degraded ? 'accepted' : 'accepted_with_issues',
    answer: result.text,
    quotations: checks,
    result,
  }
}

/** Either end is missing, by the server's own counts. */
const PROMPT_CUT = 'prompt_truncated_by_server'
const CUT: ReadonlySet<string> = new Set([PROMPT_CUT, 'stopped_at_output_limit'])

function inferenceEvent(
  session: Session,
  { ids, subject, identified, bound, compiled }: IntentInput,
  reply: CallReply,
  answer: string | undefined,
) {
  const usage = reply.status === 'answered' ? reply.result.usage : reply.error.usage
  const latency = reply.status === 'answered' ? Math.round(reply.result.timings.totalMs) : undefined
  return {
    ...callEventBase(ids, subject),
    model_id: identified.model.model_id,
    fr_event_id: 'FR-EVT-006' as const,
    type: 'llm_inference' as const,
    payload: {
      trace_id: ids.traceId,
      model_id: identified.model.model_id,
      token_usage: tokenUsage(usage),
      ...(typeof usage?.cachedInputTokens === 'number' && { cached_prompt_tokens: usage.cachedInputTokens }),
      ...(latency !== undefined && { latency_ms: latency }),
      prompt_hash: compiled.payloadDigest,
      ...(answer !== undefined && { response_hash: answer }),
      ...(reply.status === 'answered' && wireFields(session, reply.result.meta['wire'])),
      call_id: ids.callId,
      provider_id: identified.provider.provider_id,
      backend: identified.model.tier,
      ...(reply.status === 'answered' &&
        reply.result.responseModel !== null && { effective_model_id: reply.result.responseModel }),
      ...(reply.status === 'answered' &&
        reply.result.modelDigest !== undefined && { model_digest: reply.result.modelDigest }),
      context_snapshot_id: compiled.snapshot.context_snapshot_id,
      context_pack_binding_id: bound.binding.binding_id,
      usage_source: usage?.source ?? ('none' as const),
      ...(reply.status === 'answered'
        ? { finish_reason: reply.result.finishReason }
        : { error_code: reply.error.code }),
      role_execution_identity: identified.identity,
    },
  }
}

/** FR-EVT-X-METRIC-001 where a server counted nothing and the fallback counter did (ACE-055). */
function accuracyWarning({ counter }: Session, { ids, subject, identified }: IntentInput, reply: CallReply) {
  const usage = reply.status === 'answered' ? reply.result.usage : reply.error.usage
  if (usage?.source !== 'estimated' || identified.client.capabilities.usage === 'estimated') return []
  const { model_id } = identified.model
  return [
    {
      ...callEventBase(ids, subject),
      model_id,
      fr_event_id: 'FR-EVT-X-METRIC-001' as const,
      type: 'metric.accuracy_warning' as const,
      payload: { counter_id: counter.id, model_id, reason: 'the server of the model did not count its tokens' },
    },
  ]
}

function settledEvent(
  { ids, subject, identified }: IntentInput,
  reply: CallReply,
  { outcome, quotations }: SettledCall,
  answer: string | undefined,
) {
  const cost = costOfReply(identified, reply)
  const count = (...statuses: readonly QuotationCheck['status'][]) =>
    quotations.filter(({ status }) => statuses.includes(status)).length
  return {
    ...callEventBase(ids, subject),
    fr_event_id: 'FR-EVT-X-CALL-002' as const,
    type: 'call_settled' as const,
    payload: {
      call_id: ids.callId,
      outcome: reply.status === 'failed' && reply.error.code === 'aborted' ? ('cancelled' as const) : outcome,
      ...(reply.status === 'answered'
        ? {
            quotations: {
              verified: count('verified'),
              repaired: count('repaired'),
              failed: count('not_found', 'outside_sources', 'missing_file'),
            },
            ...(answer !== undefined && { answer_digest: answer }),
            answer_size: Buffer.byteLength(reply.result.text),
            finish_reason: reply.result.finishReason,
            ...(reply.result.warnings.includes(PROMPT_CUT) && { truncated_by_provider: true }),
          }
        : { error_code: reply.error.code }),
      ...(cost !== null && { cost_micro_usd: cost }),
    },
  }
}
