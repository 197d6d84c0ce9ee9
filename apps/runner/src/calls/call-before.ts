import { CallRecord } from '@ctxlock/contracts/call'
import { ContextPackBinding } from '@ctxlock/contracts/packs'
import { parseCanonical } from '@ctxlock/core-hash'
import { explainCall } from '@ctxlock/flight-recorder'

import { callIntents } from '../session/all-events.ts'
import { readRecord } from '../session/stored-records.ts'
import type { StoredSession } from '../session/stored-session.ts'

/** The call before a call that went to the same model of the same provider for the same role: the one whose prompt a cache may hold. */
export function callBefore(session: StoredSession, call: CallRecord): CallRecord | undefined {
  const role = roleOf(session, call)
  let earlier: CallRecord | undefined
  for (const { payload } of callIntents(session)) {
    if (payload.call_id === call.call_id) return earlier
    if (payload.model_id !== call.model_id || payload.provider_id !== call.provider_id) continue
    if (payload.call_record_ref === undefined) continue
    const record = CallRecord.parse(parseCanonical(session.artifacts.get(payload.call_record_ref)))
    if (roleOf(session, record) === role) earlier = record
  }
  return undefined
}

/** Tokens of a prompt, and those the provider took from its cache; null where it did not say. */
export function reportedTokens({ state }: StoredSession, { trace_id }: CallRecord) {
  const { inference } = explainCall(state.database, trace_id)
  return {
    prompt: inference?.payload.token_usage.prompt_tokens ?? null,
    cached: inference?.payload.cached_prompt_tokens ?? null,
  }
}

function roleOf(session: StoredSession, call: CallRecord): string {
  return readRecord(session, call.binding, ContextPackBinding).identity.role
}
