import { envelopeHashesOf } from '@ctxlock/contracts/context'
import type { AceError, CallInput, Guard, GuardJob, TraceInput } from '@ctxlock/contracts/guards'
import { CandidateList, idsHash, queryPlanHash, retrievalTraceHash } from '@ctxlock/contracts/retrieval'
import { bytesHash, hashesEqual, parseCanonical, textHash } from '@ctxlock/core-hash'

import { errorsOf, outcome } from './outcome.ts'
import { normalizedQuery } from './query-normalization.ts'

const NAME = 'ContextDeterminismGuard'
const error = errorsOf(NAME)

/** Spec 05 section 3.1: one mode everywhere, a seed in strict mode, the recorded candidate list in replay. */
export const contextDeterminismGuard: Guard = {
  name: NAME,
  validatePlan: ({ job, plan }) => outcome(modeErrors(job, { plan: plan.determinism_mode })),
  validateTrace: (input) =>
    outcome([...modeErrors(input.job, { plan: input.plan.determinism_mode }), ...traceErrors(input)]),
  validateCall(input) {
    const { job, plan, snapshot } = input
    return outcome([
      ...modeErrors(job, { snapshot: snapshot.determinism_mode, ...(plan && { plan: plan.determinism_mode }) }),
      ...(plan && input.trace ? traceErrors({ ...input, plan, trace: input.trace }) : []),
      ...(job.determinism_mode === 'strict' ? seedErrors(input) : listErrors(input)),
      ...hashErrors(input),
    ])
  },
}

/** VAL-018, VAL-019: plan, snapshot and job agree on the mode. */
function modeErrors(job: GuardJob, modes: Readonly<Record<string, string>>): AceError[] {
  return Object.entries(modes)
    .filter(([, mode]) => mode !== job.determinism_mode)
    .map(([where]) => error('DeterminismViolation', { reason: 'mode_differs', where }))
}

function traceErrors({ job, policy, plan, trace }: Pick<TraceInput, 'job' | 'policy' | 'plan' | 'trace'>): AceError[] {
  const errors: AceError[] = []
  const { used, method } = trace.rerank
  if (job.determinism_mode === 'strict' && used && !policy.deterministic_rerankers.includes(method)) {
    errors.push(error('DeterminismViolation', { reason: 'reranker_not_deterministic' }))
  }
  if (trace.normalized_query_hash !== textHash(normalizedQuery(plan.query_text))) {
    errors.push(error('DeterminismViolation', { reason: 'query_hash_differs' }))
  }
  return errors
}

/** VAL-016: 0 is a seed, the string "0" is none. */
function seedErrors({ snapshot }: CallInput): AceError[] {
  if (Number.isSafeInteger(snapshot.seed)) return []
  return [
    error('DeterminismViolation', { reason: snapshot.seed === undefined ? 'seed_missing' : 'seed_not_an_integer' }),
  ]
}

/** VAL-017, VAL-019: the list is hashed again from its bytes; a plausible hash without the list counts for nothing. */
function listErrors({ trace, plan, candidate_list, snapshot }: CallInput): AceError[] {
  const violation = (reason: string): AceError[] => [error('DeterminismViolation', { reason })]
  const { ids_hash, count } = snapshot.retrieval_candidates
  if (trace === null || plan === null)
    return ids_hash === idsHash([]) && count === 0 ? [] : violation('candidates_without_retrieval')
  if (candidate_list === null || snapshot.candidate_list_ref === undefined) return violation('candidate_list_missing')
  if (!hashesEqual(bytesHash(candidate_list), snapshot.candidate_list_ref.content_hash))
    return violation('candidate_list_altered')
  const list = CandidateList.safeParse(parsed(candidate_list))
  if (!list.success) return violation('candidate_list_malformed')

  const ids = list.data.candidates.map(({ candidate_id }) => candidate_id)
  if (new Set(ids).size !== ids.length) return violation('candidate_list_repeats')
  if (idsHash(ids) !== ids_hash) return violation('ids_hash_differs')
  if (ids.length !== count) return violation('count_differs')
  if (idsHash(trace.candidates.map(({ candidate_id }) => candidate_id)) !== ids_hash) return violation('trace_differs')
  return list.data.query_plan_hash === queryPlanHash(plan) ? [] : violation('plan_differs')
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return parseCanonical(bytes)
  } catch {
    return undefined
  }
}

/** What the snapshot says about the call, computed again from the call. */
function hashErrors({ plan, trace, snapshot, envelope }: CallInput): AceError[] {
  const expected = envelopeHashesOf(envelope)
  const recorded = snapshot.prompt_envelope_hashes
  const sides = ['stable_prefix_hash', 'variable_suffix_hash', 'full_prompt_hash'] as const
  const differing: string[] = sides.filter(
    (side) => expected[side] !== recorded[side] || expected[side] !== envelope[side],
  )
  if ((plan && queryPlanHash(plan)) !== (snapshot.query_plan?.hash ?? null)) differing.push('query_plan')
  if ((trace && retrievalTraceHash(trace)) !== (snapshot.retrieval_trace?.hash ?? null))
    differing.push('retrieval_trace')
  const candidates = trace?.candidates.map(({ candidate_id }) => candidate_id) ?? []
  const selected = trace?.selected.map(({ candidate_id }) => candidate_id) ?? []
  if (idsHash(candidates) !== snapshot.retrieval_candidates.ids_hash) differing.push('retrieval_candidates')
  if (idsHash(selected) !== snapshot.selected_sources.ids_hash) differing.push('selected_sources')
  if (envelope.delimiter_nonce !== snapshot.delimiter_nonce) differing.push('delimiter_nonce')
  return differing.map((field) => error('SnapshotMutated', { field }))
}
