import type { CallRecord } from '@ctxlock/contracts/call'

import type { CompiledContext } from '../governed-call/context/compile-context.ts'
import type { BoundCall } from '../governed-call/packs/bind-packs.ts'
import { veiledTrace } from '../governed-call/record/veiled-trace.ts'
import { discardingStore } from '../lock/discarding-store.ts'
import { saltedRecord } from '../session/salted-record.ts'
import { RECORD_LABEL, storeRecord } from '../session/store-record.ts'
import type { RebuiltRequestBytes } from './rebuild-request-bytes.ts'
import type { RecordedCall } from './recorded-call.ts'

interface RebuiltParts {
  readonly bound: Pick<BoundCall, 'binding'>
  readonly context: CompiledContext
  readonly request: RebuiltRequestBytes | undefined
}

/** The record of the call, naming what was made again by its hash; ids and times are those of the log. */
export function rebuildRecord(
  key: Uint8Array,
  { intent, call }: RecordedCall,
  { bound, context, request }: RebuiltParts,
): CallRecord {
  const store = (record: object) => discardingStore.put(saltedRecord(key, record), RECORD_LABEL)
  const { job_id, workflow_run_id, step_id, trace_id, payload } = intent
  return {
    ...call,
    call_id: payload.call_id,
    ...(job_id !== undefined && { job_id }),
    ...(workflow_run_id !== undefined && { run_id: workflow_run_id }),
    ...(step_id !== undefined && { step_id }),
    trace_id,
    provider_id: payload.provider_id,
    model_id: payload.model_id,
    ...(request && { request_manifest: store(request.manifest) }),
    context_snapshot: store(context.snapshot),
    context_plan: store(context.contextPlan),
    query_plan: store(context.plan),
    retrieval_trace: store(veiledTrace(key, context.retrieval.trace)),
    binding: storeRecord(discardingStore, bound.binding),
    role_pack: bound.binding.role_pack.artifact,
    work_unit_pack: bound.binding.work_unit_pack.artifact,
    candidate_list: context.candidateList,
  }
}
