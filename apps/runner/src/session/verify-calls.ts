import { CallRecord } from '@ctxlock/contracts/call'
import type { EventOf } from '@ctxlock/contracts/events'
import { ContextPackBinding } from '@ctxlock/contracts/packs'
import { inTransaction } from '@ctxlock/contracts/sql-transaction'
import { parseCanonical } from '@ctxlock/core-hash'
import { signedOrders } from '@ctxlock/flight-recorder'

import { callIntents } from './all-events.ts'
import type { StoredSession } from './stored-session.ts'

/** How what is kept about a call can contradict the log. */
export type CallProblem =
  /** The log tells of the call, and `show` would not find it. */
  | 'not_in_index'
  /** The index names another record than the log. */
  | 'index_names_another_record'
  /** The index names a call the log does not tell of. */
  | 'not_in_log'
  /** The record, its binding or one of the packs is missing, damaged, or of another call. */
  | 'binding_invalid'

export interface CallsReport {
  readonly checked: number
  /** Calls of which an order of the log had everything erased; nothing of them is checked. */
  readonly erased: number
  readonly problems: readonly { readonly call_id: string; readonly problem: CallProblem }[]
}

/** Compares each call of the log with the index `show` and `why` read, and checks its record, binding and packs. */
export function verifyCalls(session: StoredSession): CallsReport {
  const problems: { call_id: string; problem: CallProblem }[] = []
  // One view of both: a call that is recorded meanwhile stands in both or in neither.
  const { intents, indexed } = inTransaction(session.state.database, () => ({
    intents: [...callIntents(session)].map(({ payload }) => payload),
    indexed: new Map(session.calls.recordHashes()),
  }))
  const ordered = signedOrders(session.state.database).flatMap(({ payload }) => payload.calls)
  const erased = new Set(ordered.filter((callId) => !indexed.has(callId)))
  const standing = intents.filter(({ call_id }) => !erased.has(call_id))
  for (const payload of standing) {
    const problem = problemOf(session, payload, indexed.get(payload.call_id))
    if (problem) problems.push({ call_id: payload.call_id, problem })
    indexed.delete(payload.call_id)
  }
  for (const callId of indexed.keys()) problems.push({ call_id: callId, problem: 'not_in_log' })
  return { checked: standing.length, erased: erased.size, problems }
}

type CallIntent = EventOf<'call_intent'>['payload']

function problemOf(
  session: StoredSession,
  { call_id, call_record_ref, context_pack_binding_id }: CallIntent,
  indexed: string | undefined,
): CallProblem | undefined {
  if (indexed === undefined) return 'not_in_index'
  if (indexed !== call_record_ref) return 'index_names_another_record'
  return hasWholeBinding(session, call_id, call_record_ref, context_pack_binding_id) ? undefined : 'binding_invalid'
}

function hasWholeBinding({ artifacts }: StoredSession, callId: string, recordHash: string, bindingId: string): boolean {
  try {
    const record = CallRecord.parse(parseCanonical(artifacts.get(recordHash)))
    const binding = ContextPackBinding.parse(parseCanonical(artifacts.get(record.binding.content_hash)))
    artifacts.get(binding.role_pack.artifact.content_hash)
    artifacts.get(binding.work_unit_pack.artifact.content_hash)
    return record.call_id === callId && binding.binding_id === bindingId
  } catch {
    return false
  }
}
