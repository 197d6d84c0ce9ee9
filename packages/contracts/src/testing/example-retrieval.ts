import { textHash } from '@ctxlock/core-hash'

import {
  candidateId,
  DEFAULT_RETRIEVAL_BUDGETS,
  idsHash,
  type QueryPlan,
  type RetrievalCandidate,
  type RetrievalTrace,
} from '../retrieval.ts'
import { canonicalReferenceId } from '../references.ts'
import { EXAMPLE_QUERY, EXAMPLE_TIME, exampleUuid } from './example-constants.ts'
import { exampleBlock } from './example-envelope.ts'
import type { ExampleWorkspace } from './example-workspace.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

export function queryPlan(mode: 'strict' | 'replay', more: Partial<QueryPlan> = {}): QueryPlan {
  return {
    schema_version: 'hsk.query_plan@1',
    plan_id: exampleUuid('1'),
    created_at: EXAMPLE_TIME,
    query_text: EXAMPLE_QUERY,
    query_kind: 'fact_lookup',
    route: [{ store: 'shadow_ws_lexical', purpose: 'words', max_candidates: 60, required: false }],
    budgets: DEFAULT_RETRIEVAL_BUDGETS,
    filters: { allow_external_fetch: false, trust_min: 'low' },
    determinism_mode: mode,
    policy_id: 'default',
    version: 1,
    ...more,
  }
}

export function evidence(workspace: ExampleWorkspace, path: string, text: string, index: number) {
  const selector = `lines:1-${text.split('\n').length}`
  const ref = workspace.ref(path, selector)
  const reference = { kind: 'source_ref' as const, ref }
  const candidate: RetrievalCandidate = {
    ...reference,
    candidate_id: candidateId('shadow_ws_lexical', reference),
    store: 'shadow_ws_lexical',
    scores: { lexical: 0.5 },
    base_score: 0.5,
    tiebreak: canonicalReferenceId(reference),
    trust_class: 'medium',
    fetch_depth: 'snippet',
  }
  const { candidate_id } = candidate
  const order_key = `50-${String(index).padStart(3, '0')}`
  const span_id = `s${index}`
  return {
    candidate,
    span: {
      span_id,
      candidate_id,
      ref,
      selector,
      start: 1,
      end: text.split('\n').length,
      token_estimate: 1,
      content_hash: textHash(text),
      truncated: false,
      fetch_depth: 'snippet' as const,
    },
    block: exampleBlock('retrieved_snippet', order_key, text, { source_refs: [ref] }),
    snippet: { span_id, candidate_id, order_key, bytes: encode(text) },
  }
}

export function retrievalTrace(
  plan: QueryPlan,
  candidates: RetrievalCandidate[],
  spans: RetrievalTrace['spans'],
): RetrievalTrace {
  const ids = idsHash(candidates.map(({ candidate_id }) => candidate_id))
  return {
    schema_version: 'hsk.retrieval_trace@1',
    trace_id: exampleUuid('2'),
    query_plan_id: plan.plan_id,
    created_at: EXAMPLE_TIME,
    normalized_query_hash: textHash(plan.query_text),
    route_taken: [{ store: 'shadow_ws_lexical', reason: 'first', tool_calls: 1 }],
    candidates,
    rerank: { used: false, method: 'none', inputs_hash: ids, outputs_hash: ids },
    diversity: { used: false, method: 'none' },
    selected: spans.map(({ candidate_id, ref }, index) => ({
      candidate_id,
      ref,
      final_rank: index + 1,
      final_score: 0.5,
      why: 'words',
    })),
    spans,
    budgets_applied: plan.budgets,
    filters_applied: plan.filters,
    context_pack_freshness: [],
    drift: [],
    truncation_flags: [],
    warnings: [],
    errors: [],
  }
}
