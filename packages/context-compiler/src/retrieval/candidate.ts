import type { Classification } from '@ctxlock/contracts/primitives'
import { canonicalReferenceId, parseSelector, SourceRef } from '@ctxlock/contracts/references'
import { candidateId, type RetrievalCandidate, type RetrievalFilters, TrustClass } from '@ctxlock/contracts/retrieval'
import { oncePerSettled, settle } from '@ctxlock/core-hash'

import type { RouteHit, SearchStore } from './route.ts'
import { compareUtf16, roundScore } from './score.ts'

type Scores = RetrievalCandidate['scores']
export type SourceCandidate = Extract<RetrievalCandidate, { kind: 'source_ref' }>

/** What the workspace says about a source. */
export interface SourceFacts {
  readonly classification?: Classification
  readonly trustClass?: TrustClass
}

export interface AdmissionRules {
  readonly store: SearchStore
  readonly filters: RetrievalFilters
  readonly facts: (sourceId: string) => SourceFacts | undefined
}

/** What a hit became: a candidate, or the reason why it is none. */
export type Admission = { readonly candidate: SourceCandidate } | Refusal

export interface Refusal {
  readonly rejected: string
  readonly ref?: SourceRef
  readonly warning?: string
}

/** Turns a store's hit into a candidate (ACE-033..ACE-038). */
export function admitHit(hit: RouteHit, { store, filters, facts }: AdmissionRules): Admission {
  const checked = checkedRef(hit.ref)
  if (!checked) return { rejected: 'reference_invalid', warning: `hit_invalid:${store}` }
  const ref = settle(withFacts(checked, facts(checked.id)))
  if (ref.hash === undefined || !parseSelector(ref.selector ?? '')) {
    return { rejected: 'provenance_missing', ref, warning: `provenance_missing:${store}` }
  }
  const reference = { kind: 'source_ref' as const, ref }
  const id = candidateId(store, reference)
  const scores = roundScores(hit.scores, store)
  if (!scores) return { rejected: 'score_invalid', ref, warning: `score_invalid:${id}` }
  const trust_class = hit.trustClass ?? facts(ref.id)?.trustClass ?? 'low'
  const filter = failedFilter(hit, ref, trust_class, filters)
  if (filter) return { rejected: filter, ref }
  const candidate = settle<SourceCandidate>({
    kind: 'source_ref',
    ref,
    candidate_id: id,
    store,
    scores,
    base_score: baseScore(scores),
    tiebreak: canonicalReferenceId(reference),
    trust_class,
    fetch_depth: hit.fetchDepth ?? 'snippet',
  })
  return { candidate }
}

/** A reference by its schema; undefined for anything else a store may give. */
const checkedRef = oncePerSettled((ref: SourceRef): SourceRef | undefined => {
  const parsed = SourceRef.safeParse(ref)
  return parsed.success ? settle(parsed.data) : undefined
})

function withFacts(ref: SourceRef, facts: SourceFacts | undefined): SourceRef {
  return ref.classification === undefined && facts?.classification
    ? { ...ref, classification: facts.classification }
    : ref
}

/** ACE-033: pack + trust + the best of the search scores; missing parts count nothing. */
export function baseScore({ pack = 0, trust_adjust = 0, lexical = 0, vector = 0, graph = 0 }: Scores): number {
  return roundScore(pack + trust_adjust + Math.max(lexical, vector, graph))
}

/** ACE-037: base score descending, then canonical id. */
export function compareCandidates(left: RetrievalCandidate, right: RetrievalCandidate): number {
  return (
    right.base_score - left.base_score ||
    compareUtf16(left.tiebreak, right.tiebreak) ||
    compareUtf16(left.store, right.store)
  )
}

/** The candidates in the order of a list of their ids. */
export function inOrder(candidates: readonly SourceCandidate[], ids: readonly string[]): SourceCandidate[] {
  const byId = new Map(candidates.map((candidate) => [candidate.candidate_id, candidate]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

/** One candidate for what several hits of one store found: the better score of each kind. */
export function mergeCandidates(left: SourceCandidate, right: SourceCandidate): SourceCandidate {
  const scores: Scores = { ...left.scores }
  for (const part of ['lexical', 'vector', 'graph', 'pack'] as const) {
    const score = Math.max(left.scores[part] ?? -1, right.scores[part] ?? -1)
    if (score >= 0) scores[part] = score
  }
  // The lower class: two claims about one source are not trusted more than the weaker.
  const trust_class = trustRank(left.trust_class) <= trustRank(right.trust_class) ? left.trust_class : right.trust_class
  return { ...left, scores, base_score: baseScore(scores), trust_class }
}

function roundScores(scores: RouteHit['scores'], store: SearchStore): Scores | undefined {
  const rounded: Scores = {}
  for (const part of ['lexical', 'vector', 'graph'] as const) {
    const score = scores[part]
    if (score === undefined) continue
    if (!(score >= 0 && score <= 1)) return undefined
    rounded[part] = roundScore(score)
  }
  // Only fresh packs get this far as hits of `context_packs` (FG-020); nobody else can claim one.
  if (scores.pack !== undefined) rounded.pack = store === 'context_packs' && scores.pack === 1 ? 1 : 0
  return rounded
}

/** The first filter the hit does not pass. What a filter asks for and the hit does not say counts as not passed. */
function failedFilter(hit: RouteHit, ref: SourceRef, trust: TrustClass, filters: RetrievalFilters): string | undefined {
  if (trustRank(trust) < trustRank(filters.trust_min)) return 'trust_min'
  if (!allows(filters.content_tier_allowlist, hit.contentTier)) return 'content_tier_allowlist'
  if (!allows(filters.consent_profile_allowlist, hit.consentProfile)) return 'consent_profile_allowlist'
  const entityType = ref.id.startsWith('file:') ? 'file' : ref.kind
  if (!allows(filters.entity_types_allowlist, entityType)) return 'entity_types_allowlist'
  const { start, end } = filters.time_range ?? {}
  const outside =
    (start !== undefined && !(ref.created_at !== undefined && ref.created_at >= start)) ||
    (end !== undefined && !(ref.created_at !== undefined && ref.created_at <= end))
  return outside ? 'time_range' : undefined
}

function allows(allowlist: readonly string[] | undefined, value: string | undefined): boolean {
  return allowlist === undefined || (value !== undefined && allowlist.includes(value))
}

function trustRank(trust: TrustClass): number {
  return TrustClass.options.indexOf(trust)
}
