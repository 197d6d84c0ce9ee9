import { CallRecord, RequestManifest } from '@ctxlock/contracts/call'
import { ContextPlan, ContextSnapshot } from '@ctxlock/contracts/context'
import type { EventOf } from '@ctxlock/contracts/events'
import { GuardReport } from '@ctxlock/contracts/guards'
import { ContextPackBinding, RoleContextPack, WorkUnitContextPack } from '@ctxlock/contracts/packs'
import { CandidateList, QueryPlan, RetrievalTrace } from '@ctxlock/contracts/retrieval'
import { parseCanonical } from '@ctxlock/core-hash'
import { z } from 'zod'

import { veiledTrace } from '../governed-call/record/veiled-trace.ts'
import { allEvents, callIntents } from '../session/all-events.ts'
import { refuseErasedCall } from '../session/erased.ts'
import { readRecord } from '../session/stored-records.ts'
import type { StoredSession } from '../session/stored-session.ts'

/** One call as it was recorded: what the log says of it, and the records that describe what the model saw. */
export interface RecordedCall {
  readonly intent: EventOf<'call_intent'>
  /** What the log says about the binding of the call. */
  readonly bound: EventOf<'context_pack_bound'>['payload'] | undefined
  readonly call: CallRecord
  readonly rolePack: RoleContextPack
  readonly workUnitPack: WorkUnitContextPack
  readonly binding: ContextPackBinding
  readonly queryPlan: QueryPlan
  readonly candidateList: CandidateList
  readonly trace: RetrievalTrace
  readonly contextPlan: ContextPlan
  readonly snapshot: ContextSnapshot
  readonly manifest: RequestManifest
  readonly guardReport: readonly GuardReport[]
}

type Stored = Pick<StoredSession, 'artifacts' | 'state'>

/** The calls made in the name of some jobs, in the order of the log. Throws `RECORD_INVALID` and what the store throws. */
export function recordedCalls(session: Stored, jobIds: readonly string[]): RecordedCall[] {
  const intents = jobIds.flatMap((jobId) => [...callIntents(session, { jobId })])
  return intents.toSorted((left, right) => left.seq - right.seq).map((intent) => recordedCall(session, intent))
}

function recordedCall(session: Stored, intent: EventOf<'call_intent'>): RecordedCall {
  const { call_record_ref, call_id } = intent.payload
  refuseErasedCall(session.state.database, call_id)
  if (call_record_ref === undefined) throw new TypeError('an intent of this version names its record')
  const call = CallRecord.parse(parseCanonical(session.artifacts.get(call_record_ref)))
  return {
    intent,
    bound: boundBy(session, intent.trace_id),
    call,
    rolePack: readRecord(session, call.role_pack, RoleContextPack),
    workUnitPack: readRecord(session, call.work_unit_pack, WorkUnitContextPack),
    binding: readRecord(session, call.binding, ContextPackBinding),
    queryPlan: readRecord(session, call.query_plan, QueryPlan),
    candidateList: readRecord(session, call.candidate_list, CandidateList),
    trace: veiledTrace(session.state.digestKey(), readRecord(session, call.retrieval_trace, RetrievalTrace)),
    contextPlan: readRecord(session, call.context_plan, ContextPlan),
    snapshot: readRecord(session, call.context_snapshot, ContextSnapshot),
    manifest: readRecord(session, call.request_manifest, RequestManifest),
    guardReport: readRecord(session, call.guard_report, z.array(GuardReport)),
  }
}

function boundBy(session: Stored, traceId: string): EventOf<'context_pack_bound'>['payload'] | undefined {
  const events = [...allEvents(session, { traceId, type: 'context_pack_bound' })]
  return events.flatMap((event) => (event.type === 'context_pack_bound' ? [event.payload] : [])).at(-1)
}
