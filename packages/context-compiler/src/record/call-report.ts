import { type ContextPlan, type ContextSnapshot, contextSnapshotHash } from '@ctxlock/contracts/context'
import type { EventOf } from '@ctxlock/contracts/events'
import type { CacheStage } from '@ctxlock/contracts/guards'

import type { Retrieval } from '../retrieval/retrieve.ts'

export interface CallReportInput {
  readonly snapshot: ContextSnapshot
  readonly contextPlan: ContextPlan
  readonly retrieval?: Pick<Retrieval, 'trace' | 'decisions'>
  /** All stages of the call, hits and misses. */
  readonly cacheStages: readonly CacheStage[]
}

export type CallReport = Omit<EventOf<'ace_call_report'>['payload'], 'guard_report'>

/** Events are small: longer lists are cut here and flagged; the trace and the context plan hold all of them. */
const MAX_IDS = 128
const MAX_FLAGS = 32

/**
 * What the recorder gets of one call (ACE-077): the payload of FR-EVT-X-ACE-001 but for the guard report, which the runner
 * adds. Ids, hashes and counts only.
 */
export function callReport({ snapshot, contextPlan, retrieval, cacheStages }: CallReportInput): CallReport {
  const trace = retrieval?.trace
  const spans = trace?.spans ?? []
  const flags = trace?.truncation_flags ?? []
  const drift = trace?.drift ?? []
  const caps = perSourceCaps(retrieval)
  const cut = spans.length > MAX_IDS || snapshot.artifact_handles.length > MAX_IDS
  const flagged = cut || [flags, drift, caps].some((list) => list.length > MAX_FLAGS)
  return {
    context_snapshot_id: snapshot.context_snapshot_id,
    snapshot_hash: contextSnapshotHash(snapshot),
    scope_inputs_hash: snapshot.scope_inputs_hash,
    determinism_mode: snapshot.determinism_mode,
    candidate_ids_hash: snapshot.retrieval_candidates.ids_hash,
    candidate_count: snapshot.retrieval_candidates.count,
    ...(snapshot.candidate_list_ref && { candidate_list_ref: snapshot.candidate_list_ref.content_hash }),
    selected_ids: spans.slice(0, MAX_IDS).map(({ candidate_id }) => candidate_id),
    selected_hashes: spans.slice(0, MAX_IDS).map(({ content_hash }) => content_hash),
    truncation_flags: [...flags.slice(0, MAX_FLAGS), ...(flagged ? ['call_report_cut'] : [])],
    compaction: contextPlan.compaction,
    prompt_envelope_hashes: snapshot.prompt_envelope_hashes,
    artifact_handle_ids: snapshot.artifact_handles.slice(0, MAX_IDS).map(({ artifact_id }) => artifact_id),
    ...(snapshot.query_plan && { query_plan: { id: snapshot.query_plan.plan_id, hash: snapshot.query_plan.hash } }),
    ...(trace && { normalized_query_hash: trace.normalized_query_hash }),
    ...(snapshot.retrieval_trace && {
      retrieval_trace: { id: snapshot.retrieval_trace.trace_id, hash: snapshot.retrieval_trace.hash },
    }),
    cache_markers: cacheStages.slice(0, MAX_FLAGS).map(({ cache_kind, hit }) => ({ stage: cache_kind, hit })),
    ...(trace && { rerank: trace.rerank, diversity: trace.diversity }),
    per_source_caps: caps.slice(0, MAX_FLAGS),
    drift_flags: drift.slice(0, MAX_FLAGS),
    degraded: snapshot.degraded,
  }
}

/** For each source that hit its cap: how many snippets it has, and how many more it would have had. */
function perSourceCaps(retrieval: CallReportInput['retrieval']) {
  const dropped = new Map<string, number>()
  for (const { source_id, reason } of retrieval?.decisions ?? []) {
    if (reason === 'max_snippets_per_source') dropped.set(source_id, (dropped.get(source_id) ?? 0) + 1)
  }
  return [...dropped].map(([source_id, count]) => {
    const selected = retrieval?.trace.spans.filter(({ ref }) => ref.id === source_id).length ?? 0
    return { source_id, selected, dropped: count }
  })
}
