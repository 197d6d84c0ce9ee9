import { reselect } from '@ctxlock/context-compiler'
import type { ContextPlan } from '@ctxlock/contracts/context'
import { type CandidateList, type QueryPlan, queryPlanHash, retrievalTraceHash } from '@ctxlock/contracts/retrieval'

import type { BoundCall } from '../governed-call/bind-packs.ts'
import type { CallOptions } from '../governed-call/call-options.ts'
import type { CallSubject } from '../governed-call/call-subject.ts'
import {
  compileContext,
  compilePrompt,
  type CompiledContext,
  type FoundEvidence,
} from '../governed-call/compile-context.ts'
import { divideCall } from '../governed-call/divide-call.ts'
import type { CalledModel } from '../governed-call/identify.ts'
import { planRetrieval, scopeInputsOf } from '../governed-call/retrieve-evidence.ts'
import type { RecordedCall } from './recorded-call.ts'
import type { ReplaySession } from './replay-session.ts'

interface ContextWork {
  readonly subject: CallSubject
  readonly options: Pick<CallOptions, 'maxTokens'>
  readonly called: CalledModel
  readonly bound: Pick<BoundCall, 'rolePack' | 'workUnitPack' | 'binding'>
}

/** Plan, evidence, prompt and snapshot of a call, with the ids and times of its records: these follow from nothing. */
export function rebuildContext(session: ReplaySession, recorded: RecordedCall, work: ContextWork): CompiledContext {
  const { subject, options, called, bound } = work
  const { queryPlan, trace, contextPlan, snapshot, call } = recorded
  const divided = divideCall(session, { subject, identified: called, bound, options })
  const stamped = (uuid: string, time: string) => ({
    ...session,
    stamps: { uuid: () => uuid, timestamp: () => time },
    environment: {
      ...session.environment,
      random: { ...session.environment.random, uuid: () => contextPlan.policy.decision_id },
    },
  })
  const embedder = queryPlan.route.some(({ store }) => store === 'shadow_ws_vector') ? 'as recorded' : undefined
  const plan = planRetrieval(
    stamped(queryPlan.plan_id, queryPlan.created_at),
    subject,
    divided.budgets.suffix,
    embedder,
  )
  const retrieval = rebuildEvidence(session, recorded, { subject, plan })
  const prompt = compilePrompt(session, { subject, retrieval, bound, divided })
  return compileContext(
    stamped(snapshot.context_snapshot_id, snapshot.created_at),
    {
      subject,
      ids: { jobId: call.job_id, stepId: call.step_id },
      identified: called,
      bound,
      plan,
      retrieval,
      freshness: trace.context_pack_freshness,
      divided,
      // The first two are the packs.
      options: { attachments: snapshot.artifact_handles.slice(2) },
    },
    prompt,
    snapshot.local_only_payload_ref,
  )
}

/** The evidence that the recorded candidates give in the recorded order; no store is asked (ACE-016). */
function rebuildEvidence(
  session: ReplaySession,
  recorded: RecordedCall,
  { subject, plan }: { readonly subject: CallSubject; readonly plan: QueryPlan },
): FoundEvidence {
  const { trace, candidateList, contextPlan } = recorded
  const { files } = subject.definition
  const replay = reselect({
    plan,
    trace,
    candidateList,
    scope: { inputs: scopeInputsOf(subject), paths: [...files.modify, ...files.read] },
    reader: session.reader,
    counter: session.counter,
    folding: session.folding,
    routes: {},
  })
  return {
    ...replay,
    candidateList: rebuildList(recorded, plan),
    decisions: [...replay.decisions, ...leftOut(contextPlan, replay.decisions.length)],
    // What a cache held is not on record.
    cacheStages: [],
    degraded:
      trace.drift.some(({ action }) => action === 'removed') ||
      trace.context_pack_freshness.some(({ outcome }) => outcome === 'degrade_and_fallback'),
  }
}

/** What stores answered follows from nothing that is on record, but it is on record twice: the trace counts while its hash is right. */
function rebuildList({ trace, candidateList, snapshot }: RecordedCall, plan: QueryPlan): CandidateList {
  const isTrace = retrievalTraceHash(trace) === snapshot.retrieval_trace?.hash
  const { candidates } = isTrace ? trace : candidateList
  return {
    ...candidateList,
    query_plan_hash: queryPlanHash(plan),
    candidates,
    ...(!trace.rerank.used && { reranked_ids: candidates.map(({ candidate_id }) => candidate_id) }),
  }
}

/** What never became a candidate is known only by its record. */
function leftOut({ selection }: ContextPlan, decided: number): ContextPlan['selection'] {
  return selection.slice(decided)
}
