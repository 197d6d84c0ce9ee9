import type { ContextSnapshot } from '@ctxlock/contracts/context'
import { canonicalReferenceId, fileSourceId, type Reference } from '@ctxlock/contracts/references'
import {
  candidateId,
  CandidateList,
  idsHash,
  type QueryPlan,
  queryPlanHash,
  type RetrievalCandidate,
  type RetrievalTrace,
} from '@ctxlock/contracts/retrieval'
import { canonicalHash, hashesEqual } from '@ctxlock/core-hash'

import { CompileError } from '../compile-error.ts'
import { baseScore, compareCandidates, inOrder, type SourceCandidate } from './candidate.ts'
import type { Decision } from './decision.ts'
import { prepareQuery } from './prepared-query.ts'
import { isPermutation } from './rerank.ts'
import { namedFiles } from './scope-hits.ts'
import type { SelectionPorts } from './retrieval-input.ts'
import { selectEvidence, type Snippet } from './selection.ts'

export interface ReplayInput extends SelectionPorts {
  readonly plan: QueryPlan
  /** The recorded trace. */
  readonly trace: RetrievalTrace
  /** The persisted list as it was read; judged, never trusted. */
  readonly candidateList: unknown
  /** What the snapshot recorded about the list. */
  readonly recorded: ContextSnapshot['retrieval_candidates']
}

export interface Replay {
  readonly trace: RetrievalTrace
  readonly candidates: readonly SourceCandidate[]
  readonly snippets: readonly Snippet[]
  readonly decisions: readonly Decision[]
}

/**
 * Repeats the selection of a recorded retrieval and gives the trace it leads to, which may be another one than was recorded: for whoever
 * wants to say where they differ. The list is taken as it is. Throws `ReplaySourceChanged`.
 */
export function reselect({
  candidateList: list,
  ...input
}: SelectionPorts & Pick<ReplayInput, 'plan' | 'trace'> & { readonly candidateList: CandidateList }): Replay {
  const { plan, trace } = input
  const candidates = list.candidates.filter((candidate) => candidate.kind === 'source_ref')
  const searches = trace.route_taken.filter(({ store }) => store !== 'bounded_read_only')
  const query = prepareQuery(plan, input.folding)
  const { selected, snippets, decisions } = selectEvidence({
    ...input,
    candidates: inOrder(candidates, list.reranked_ids),
    terms: query.terms,
    removed: driftOf(trace, 'removed'),
    // What the recorded call had to drop is dropped again, whatever its source is now.
    dropped: driftOf(trace, 'dropped'),
    opened: new Set(namedFiles(plan, input.scope.paths).map(fileSourceId)),
    searches: searches.reduce((sum, { tool_calls }) => sum + tool_calls, 0),
    replay: true,
  })
  const asked = list.reranked_ids.slice(
    0,
    trace.rerank.used ? plan.budgets.max_rerank_candidates : list.candidates.length,
  )
  const reselected: RetrievalTrace = {
    ...trace,
    query_plan_id: plan.plan_id,
    normalized_query_hash: query.hash,
    candidates: list.candidates,
    rerank: { ...trace.rerank, outputs_hash: idsHash(asked) },
    selected: [...selected],
    spans: snippets.map(({ span }) => span),
    budgets_applied: plan.budgets,
    filters_applied: plan.filters,
  }
  return { trace: reselected, candidates, snippets, decisions }
}

/**
 * Repeats a recorded retrieval from its candidate list (ACE-015, ACE-016, ACE-042): no store and no reranker is asked, the
 * recorded order holds, every source is read by the hash it had. Throws `CandidateListTampered`, `ReplaySourceChanged`, or
 * `ReplayMismatch` when the selection is not the recorded one.
 */
export function replayRetrieval(input: ReplayInput): Replay {
  const { plan, trace } = input
  const list = verifyCandidateList(input.candidateList, plan, trace, input.recorded)
  const replay = reselect({ ...input, candidateList: list })
  const { selected, spans } = replay.trace
  if (canonicalHash([selected, spans]) !== canonicalHash([trace.selected, trace.spans])) {
    throw new CompileError(
      'ReplayMismatch',
      'The same candidates and sources select other evidence than was recorded; replay with the recorded version and counter.',
    )
  }
  return { ...replay, trace }
}

/** The list, once it is what the snapshot, the plan and the trace speak of: same ids, same order, nothing altered (VAL-017, VAL-019). */
export function verifyCandidateList(
  value: unknown,
  plan: QueryPlan,
  trace: RetrievalTrace,
  recorded: ContextSnapshot['retrieval_candidates'],
): CandidateList {
  const parsed = CandidateList.safeParse(value)
  if (!parsed.success) throw tampered('does not fit its schema')
  const list = parsed.data
  const ids = list.candidates.map(({ candidate_id }) => candidate_id)
  if (ids.length !== recorded.count) throw tampered(`has ${ids.length} entries instead of ${recorded.count}`)
  if (!hashesEqual(idsHash(ids), recorded.ids_hash)) throw tampered('has other ids or another order')
  if (!isPermutation(list.reranked_ids, ids)) throw tampered('repeats or loses ids in its reranked order')
  if (list.query_plan_hash !== queryPlanHash(plan)) throw tampered('belongs to another query plan')
  if (canonicalHash(list.candidates) !== canonicalHash(trace.candidates)) throw tampered('differs from the trace')
  const broken = list.candidates.find((candidate) => !isConsistent(candidate))
  if (broken) throw tampered(`holds an altered candidate ${broken.candidate_id}`)
  if (list.candidates.some((candidate, index) => index > 0 && isBefore(candidate, list.candidates[index - 1]))) {
    throw tampered('is not in the order of its scores')
  }
  const asked = list.reranked_ids.slice(0, trace.rerank.used ? plan.budgets.max_rerank_candidates : ids.length)
  if (!hashesEqual(idsHash(asked), trace.rerank.outputs_hash)) throw tampered('has another reranked order')
  return list
}

function driftOf(trace: RetrievalTrace, wanted: string): Map<string, string> {
  return new Map(
    trace.drift.filter(({ action }) => action === wanted).map(({ candidate_id, kind }) => [candidate_id, kind]),
  )
}

function isConsistent(candidate: RetrievalCandidate): boolean {
  const reference: Reference = candidate
  return (
    candidate.candidate_id === candidateId(candidate.store, reference) &&
    candidate.tiebreak === canonicalReferenceId(reference) &&
    candidate.base_score === baseScore(candidate.scores)
  )
}

function isBefore(candidate: RetrievalCandidate, previous: RetrievalCandidate | undefined): boolean {
  return previous !== undefined && compareCandidates(candidate, previous) < 0
}

function tampered(problem: string): CompileError {
  return new CompileError(
    'CandidateListTampered',
    `The persisted candidate list ${problem}; restore the recorded artifact.`,
  )
}
