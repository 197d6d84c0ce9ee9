import { callReport } from '@ctxlock/context-compiler'
import type { CallRecord, RequestManifest } from '@ctxlock/contracts/call'
import type { EventDraft } from '@ctxlock/contracts/events'
import type { GuardReport } from '@ctxlock/contracts/guards'
import type { ArtifactHandle } from '@ctxlock/contracts/references'
import { keyedDigest } from '@ctxlock/core-hash'

import { saltedRecord } from '../../session/salted-record.ts'
import type { Session } from '../../session/session.ts'
import { RECORD_LABEL, storeRecord } from '../../session/store-record.ts'
import type { CallIds, CallSubject } from '../call-subject.ts'
import type { CompiledCall } from '../context/compile-call.ts'
import { callEventBase } from '../event-base.ts'
import type { IdentifiedCall } from '../identify.ts'
import type { BoundCall } from '../packs/bind-packs.ts'
import { keyedReport } from './keyed-report.ts'
import { excerptsOf } from './request-excerpts.ts'
import { describeRequest } from './request-manifest.ts'
import { veiledTrace } from './veiled-trace.ts'

export interface IntentInput {
  readonly subject: CallSubject
  readonly ids: CallIds
  readonly identified: IdentifiedCall
  readonly bound: BoundCall
  readonly compiled: CompiledCall
  readonly reports: readonly GuardReport[]
}

/**
 * Step 8: everything about the call is durable, in one transaction, before any byte leaves (REC-013). When this returns the
 * call may be sent; when it throws it must not be. `also` are events of whoever calls, recorded behind those of the intent.
 */
export function recordIntent(session: Session, input: IntentInput, also: readonly EventDraft[]): CallRecord {
  return session.state.synced(() => {
    const { record, manifest } = storeCallRecord(session, input)
    const { content_hash: recordHash } = storeRecord(session.artifacts, record)
    const { compiled, ids, identified, subject, reports } = input
    const { url, body } = compiled.prepared
    const base = callEventBase(ids, subject)
    session.recorder.recordAll([
      {
        ...base,
        fr_event_id: 'FR-EVT-X-ACE-001',
        type: 'ace_call_report',
        payload: {
          call_id: ids.callId,
          ...keyedReport(
            session.state.digestKey,
            callReport({ ...compiled, cacheStages: compiled.retrieval.cacheStages }),
          ),
          guard_report: [...reports],
        },
      },
      {
        ...base,
        model_id: identified.model.model_id,
        fr_event_id: 'FR-EVT-X-CALL-001',
        type: 'call_intent',
        payload: {
          call_id: ids.callId,
          provider_id: identified.provider.provider_id,
          origin_hash:
            identified.provider.base_url === null
              ? null
              : keyedDigest(session.state.digestKey, 'origin', new URL(url).origin),
          model_id: identified.model.model_id,
          payload_digest: compiled.payloadDigest,
          payload_size: body.length,
          context_snapshot_id: compiled.snapshot.context_snapshot_id,
          context_pack_binding_id: input.bound.binding.binding_id,
          request_manifest_ref: record.request_manifest.content_hash,
          call_record_ref: recordHash,
          artifact_refs: artifactsOf(record, manifest),
        },
      },
      ...also,
    ])
    session.calls.add(record.call_id, recordHash)
    return record
  })
}

function storeCallRecord(session: Session, { compiled, ids, identified, bound, reports }: IntentInput) {
  const { artifacts } = session
  const key = session.state.digestKey
  const store = (record: object): ArtifactHandle => artifacts.put(saltedRecord(key, record), RECORD_LABEL)
  const manifest = describeRequest(
    {
      body: compiled.prepared.body,
      excerpts: excerptsOf(compiled.rendered),
      providerId: identified.provider.provider_id,
      modelId: identified.model.model_id,
      key,
    },
    artifacts,
  )
  const record: CallRecord = {
    schema_version: 'ctxlock.call@1',
    call_id: ids.callId,
    job_id: ids.jobId,
    run_id: ids.runId,
    step_id: ids.stepId,
    trace_id: ids.traceId,
    created_at: session.timestamp(),
    provider_id: identified.provider.provider_id,
    model_id: identified.model.model_id,
    request_manifest: store(manifest),
    context_snapshot: store(compiled.snapshot),
    context_plan: store(compiled.contextPlan),
    query_plan: store(compiled.plan),
    retrieval_trace: store(veiledTrace(key, compiled.retrieval.trace)),
    binding: bound.artifact,
    role_pack: bound.binding.role_pack.artifact,
    work_unit_pack: bound.binding.work_unit_pack.artifact,
    guard_report: storeRecord(artifacts, reports),
    candidate_list: compiled.candidateList,
  }
  return { record, manifest }
}

/** Every object that showing this call needs; `verify` looks each of them up. */
function artifactsOf(record: CallRecord, manifest: RequestManifest): string[] {
  const handles = [
    record.request_manifest,
    record.context_snapshot,
    record.context_plan,
    record.query_plan,
    record.retrieval_trace,
    record.binding,
    record.role_pack,
    record.work_unit_pack,
    record.guard_report,
    record.candidate_list,
  ]
  const literals = manifest.parts.flatMap((part) => (part.part === 'literal' ? [part.artifact] : []))
  return [...new Set([...handles.map(({ content_hash }) => content_hash), ...literals])].toSorted()
}
