import { scannerFor } from '@ctxlock/ace-validators/scanner'
import { canonicalHash, keyedDigest } from '@ctxlock/core-hash'
import type { CallOutcome } from '@ctxlock/provider-ai-sdk/middleware'

import { EXIT_CODE, type ExitCode } from '../exit-code.ts'
import { answerDigest } from '../governed-call/answer-digest.ts'
import { wireFields } from '../governed-call/wire-digest.ts'
import { scanPolicy } from '../scan/scan-policy.ts'
import type { Session } from '../session/session.ts'
import { PAYLOAD_DIGEST } from '../workspace/digest-domains.ts'
import type { SdkCall, SdkEventBase } from './sdk-call.ts'

/** When the transaction around it is durable, the model may be called (REC-013). */
export function recordSdkIntent(session: Session, call: SdkCall, base: SdkEventBase): void {
  const { body, tier } = call
  session.recorder.record({
    ...base,
    fr_event_id: 'FR-EVT-X-CALL-003',
    type: 'sdk_call_intent',
    payload: {
      call_id: call.callId,
      provider_id: call.provider,
      model_id: call.model,
      backend: tier,
      consent: tier === 'local' ? 'not_needed' : 'not_governed',
      payload_digest: keyedDigest(session.state.digestKey, PAYLOAD_DIGEST, body),
      payload_size: body.length,
      opaque_parts: call.opaqueParts,
      guard_set_hash: canonicalHash([scannerFor(scanPolicy(session.config.policy)).version, session.redactor.version]),
    },
  })
}

/** What came back, by digests and counts, and the exit code of the call's run. */
export function recordSdkOutcome(
  session: Session,
  call: SdkCall,
  base: SdkEventBase,
  outcome: CallOutcome,
  elapsedMs: number,
): ExitCode {
  session.recorder.recordAll([
    { ...base, ...inference(session, call, outcome, elapsedMs) },
    { ...base, ...settled(session, call, outcome) },
  ])
  if (outcome.status === 'answered') return EXIT_CODE.done
  return outcome.status === 'cancelled' ? EXIT_CODE.cancelled : EXIT_CODE.provider
}

function inference(session: Session, call: SdkCall, outcome: CallOutcome, elapsedMs: number) {
  const { inputTokens: input, outputTokens: output, cachedInputTokens: cached } = outcome.usage ?? {}
  const [prompt_tokens, completion_tokens] = [input ?? 0, output ?? 0]
  return {
    fr_event_id: 'FR-EVT-006' as const,
    type: 'llm_inference' as const,
    payload: {
      trace_id: call.traceId,
      call_id: call.callId,
      model_id: call.model,
      provider_id: call.provider,
      backend: call.tier,
      // The record has no word for unknown counts; `usage_source` says that they are (PROV-006).
      token_usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
      ...(cached !== undefined && { cached_prompt_tokens: cached }),
      usage_source: input === undefined && output === undefined ? ('none' as const) : ('provider' as const),
      latency_ms: Math.round(elapsedMs),
      prompt_hash: keyedDigest(session.state.digestKey, PAYLOAD_DIGEST, call.body),
      ...wireFields(session, outcome.wire),
      ...(outcome.responseModel && { effective_model_id: outcome.responseModel }),
      ...(outcome.status === 'answered'
        ? { response_hash: answerDigest(session, outcome.text), finish_reason: outcome.finishReason }
        : { error_code: outcome.code }),
    },
  }
}

function settled(session: Session, call: SdkCall, outcome: CallOutcome) {
  const named = { fr_event_id: 'FR-EVT-X-CALL-002' as const, type: 'call_settled' as const }
  if (outcome.status !== 'answered')
    return { ...named, payload: { call_id: call.callId, outcome: outcome.status, error_code: outcome.code } }
  const isWhole = outcome.finishReason === 'stop' || outcome.finishReason === 'tool_calls'
  return {
    ...named,
    payload: {
      call_id: call.callId,
      outcome: isWhole ? ('accepted' as const) : ('accepted_with_issues' as const),
      answer_digest: answerDigest(session, outcome.text),
      answer_size: Buffer.byteLength(outcome.text),
      finish_reason: outcome.finishReason,
    },
  }
}
