import { reselect } from '@ctxlock/context-compiler'
import type { ContextPlan } from '@ctxlock/contracts/context'
import { type CandidateList, type QueryPlan, queryPlanHash } from '@ctxlock/contracts/retrieval'

import type { CallSubject } from '../governed-call/call-subject.ts'
import {
  compileContext,
  compilePrompt,
  type CompiledContext,
  type FoundEvidence,
} from '../governed-call/context/compile-context.ts'
import { divideCall } from '../governed-call/context/divide-call.ts'
import { planRetrieval, scopeInputsOf } from '../governed-call/context/retrieve-evidence.ts'
import type { CalledModel } from '../governed-call/identify.ts'
import type { BoundCall } from '../governed-call/packs/bind-packs.ts'
import type { RequestOptions } from '../governed-call/request-options.ts'
import type { RecordedCall } from './recorded-call.ts'
import { hasSoundTrace } from './recorded-sources.ts'
import type { ReplaySession } from './replay-session.ts'

export interface ContextWork {
  readonly subject: CallSubject
  readonly options: Pick<RequestOptions, 'maxTokens'>
  readonly called: CalledModel
  readonly bound: Pick<BoundCall, 'rolePack' | 'workUnitPack' | 'binding'>
}

/** How the call is divided and what it looks for, with the id and time of the recorded plan: these follow from nothing. */
export function rebuildPlan(session: ReplaySession, { queryPlan }: RecordedCall, work: ContextWork) {
  const { subject, options, called, bound } = work
  const divided = divideCall(session, { subject, identified: called, bound, options })
  const stamps = { uuid: () => queryPlan.plan_id, timestamp: () => queryPlan.created_at }
  const embedder = queryPlan.route.some(({ store }) => store === 'shadow_ws_vector') ? 'as recorded' : undefined
  return { divided, plan: planRetrieval({ ...session, stamps }, subject, divided.budgets.suffix, embedder) }
}

/** What stores answered follows from nothing that is on record, but it is on record twice: the trace counts while its hash is right. */
export function rebuildList(recorded: RecordedCall, plan: QueryPlan): CandidateList {
  const { trace, candidateList } = recorded
  const { candidates } = hasSoundTrace(recorded) ? trace : candidateList
  return {
    ...candidateList,
    query_plan_hash: queryPlanHash(plan),
    candidates,
    ...(!trace.rerank.used && { reranked_ids: candidates.map(({ candidate_id }) => candidate_id) }),
  }
}

/** The evidence that candidates give in their order; no store is asked (ACE-016). */
export function rebuildEvidence(
  session: ReplaySession,
  { trace, contextPlan }: RecordedCall,
  { subject }: ContextWork,
  { plan, list }: { readonly plan: QueryPlan; readonly list: CandidateList },
): FoundEvidence {
  const { files } = subject.definition
  const replay = reselect({
    plan,
    trace,
    candidateList: list,
    scope: { inputs: scopeInputsOf(subject), paths: [...files.modify, ...files.read] },
    reader: session.reader,
    counter: session.counter,
    folding: session.folding,
    routes: {},
  })
  return {
    ...replay,
    candidateList: list,
    decisions: [...replay.decisions, ...leftOut(contextPlan, replay.decisions.length)],
    // What a cache held is not on record.
    cacheStages: [],
    degraded:
      trace.drift.some(({ action }) => action === 'removed') ||
      trace.context_pack_freshness.some(({ outcome }) => outcome === 'degrade_and_fallback'),
  }
}

/** Prompt and snapshot, with the ids and times of their records. */
export function rebuildContext(
  session: ReplaySession,
  { trace, contextPlan, snapshot, intent, call }: RecordedCall,
  { subject, called, bound }: ContextWork,
  { divided, plan, retrieval }: ReturnType<typeof rebuildPlan> & { readonly retrieval: FoundEvidence },
): CompiledContext {
  const stamped = {
    ...session,
    stamps: { uuid: () => intent.payload.context_snapshot_id, timestamp: () => snapshot.created_at },
    environment: {
      ...session.environment,
      random: { ...session.environment.random, uuid: () => contextPlan.policy.decision_id },
    },
  }
  return compileContext(
    stamped,
    {
      subject,
      ids: { jobId: intent.job_id ?? call.job_id, stepId: intent.step_id ?? call.step_id },
      identified: called,
      bound,
      plan,
      retrieval,
      freshness: trace.context_pack_freshness,
      divided,
      // The first two are the packs.
      options: { attachments: snapshot.artifact_handles.slice(2) },
    },
    compilePrompt(session, { subject, retrieval, bound, divided }),
    snapshot.local_only_payload_ref,
  )
}

/** What never became a candidate is known only by its record. */
function leftOut({ selection }: ContextPlan, decided: number): ContextPlan['selection'] {
  return selection.slice(decided)
}
