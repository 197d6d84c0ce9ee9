import type { QueryPlan, RetrievalCandidate, RetrievalTrace } from '@ctxlock/contracts/retrieval'
import { idsHash } from '@ctxlock/contracts/retrieval'

import { CompileError } from '../compile-error.ts'

export interface Reranker {
  readonly method: string
  /** True when identical inputs always get the identical order; strict calls use no other (ACE-041). */
  readonly deterministic: boolean
  /** The ids of all the candidates it was given, best first. */
  rerank(queryText: string, candidates: readonly RetrievalCandidate[]): readonly string[] | Promise<readonly string[]>
}

export interface Reranking {
  /** All candidate ids in the order selection follows. */
  readonly ids: readonly string[]
  readonly record: RetrievalTrace['rerank']
  readonly warnings: readonly string[]
}

/**
 * Asks the reranker about the first `max_rerank_candidates`; the rest keep their place behind them (ACE-041..ACE-043).
 * Throws `RerankInvalid` when it answers with anything but those ids.
 */
export async function rerank(
  plan: QueryPlan,
  candidates: readonly RetrievalCandidate[],
  reranker: Reranker | undefined,
): Promise<Reranking> {
  const ids = candidates.map(({ candidate_id }) => candidate_id)
  const disabled = reranker !== undefined && plan.determinism_mode === 'strict' && !reranker.deterministic
  if (!reranker || disabled) {
    const hash = idsHash(ids)
    const warnings = disabled ? ['rerank_disabled:nondeterministic'] : []
    return { ids, record: { used: false, method: 'none', inputs_hash: hash, outputs_hash: hash }, warnings }
  }
  const given = candidates.slice(0, plan.budgets.max_rerank_candidates)
  const asked = ids.slice(0, given.length)
  const answer = await reranker.rerank(plan.query_text, given)
  if (!isPermutation(answer, asked)) {
    throw new CompileError(
      'RerankInvalid',
      `A reranker must return the ${asked.length} ids it was given, reordered; replace or remove ${reranker.method}.`,
    )
  }
  const record = { used: true, method: reranker.method, inputs_hash: idsHash(asked), outputs_hash: idsHash(answer) }
  return { ids: [...answer, ...ids.slice(given.length)], record, warnings: [] }
}

/** True when both hold the same ids once each. */
export function isPermutation(left: readonly string[], right: readonly string[]): boolean {
  const members = new Set(left)
  return left.length === right.length && members.size === right.length && right.every((id) => members.has(id))
}
