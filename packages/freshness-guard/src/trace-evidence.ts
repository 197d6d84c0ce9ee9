import type { ContextPackFreshnessRecord, FreshnessTrace, FreshnessViolation } from '@ctxlock/contracts/freshness'
import { canonicalReferenceId } from '@ctxlock/contracts/references'
import type { RetrievalCandidate } from '@ctxlock/contracts/retrieval'

import { referenceSubject } from './reference-subject.ts'

export interface EvidenceScope {
  readonly records: readonly ContextPackFreshnessRecord[]
  /** The records whose pack was examined again and found fresh. */
  readonly usable: ReadonlySet<ContextPackFreshnessRecord>
  /** True for the payload hash of any stored pack. */
  readonly isPack: (contentHash: string) => boolean
}

interface IndexedScope extends EvidenceScope {
  /** The records by what they are about; a trace has many candidates for each of them. */
  readonly bySubject: ReadonlyMap<string, readonly ContextPackFreshnessRecord[]>
}

type EvidenceItem = FreshnessTrace['selected'][number] | FreshnessTrace['spans'][number]

/** Holds candidates, selection and spans of a trace against its freshness records (FG-040). */
export function evidenceViolations(trace: FreshnessTrace, given: EvidenceScope): FreshnessViolation[] {
  const bySubject = Map.groupBy(given.records, ({ target }) => referenceSubject(target, 'subject'))
  const scope: IndexedScope = { ...given, bySubject }
  // All candidates of an id: a trace that names one twice must not get the kinder judgement.
  const byId = Map.groupBy(trace.candidates, (candidate) => candidate.candidate_id)
  return [
    ...trace.candidates.flatMap((candidate) => candidateViolations(candidate, scope)),
    ...[...trace.selected, ...trace.spans].flatMap((item) => useViolations(item, byId.get(item.candidate_id), scope)),
  ]
}

function candidateViolations(candidate: RetrievalCandidate, scope: IndexedScope): FreshnessViolation[] {
  const { candidate_id, scores } = candidate
  const violations: FreshnessViolation[] = []
  if (standsForPack(candidate, scope) && recordsAbout(candidate, scope).length === 0) {
    violations.push({ code: 'record_missing', candidate_id })
  }
  // Whatever store the candidate names: a pack score other than 0 is only ever earned by a fresh pack (FG-021, ACE-034).
  if ((scores.pack ?? 0) !== 0 && !isSupported(candidate, scope)) {
    violations.push({ code: 'score_without_fresh_record', candidate_id })
  }
  return violations
}

/** Nothing that stands for a pack may be selected or quoted unless that very pack is fresh (FG-020). */
function useViolations(
  { candidate_id, ref }: EvidenceItem,
  candidates: readonly RetrievalCandidate[] | undefined,
  scope: IndexedScope,
): FreshnessViolation[] {
  if (!candidates) return [{ code: 'candidate_unknown', candidate_id }]
  const unsupported = candidates.find((candidate) => standsForPack(candidate, scope) && !isSupported(candidate, scope))
  if (unsupported) return [staleUse(candidate_id, recordsAbout(unsupported, scope)[0])]
  // The candidate may be of a harmless file while the reference quotes a pack's artifact.
  const quotesPack = ref.hash !== undefined && scope.isPack(ref.hash)
  if (!quotesPack || [...scope.usable].some((record) => record.effective_pack_payload_hash === ref.hash)) return []
  return [
    staleUse(
      candidate_id,
      scope.records.find((record) => record.pack_payload_hash === ref.hash),
    ),
  ]
}

function staleUse(candidate_id: string, record: ContextPackFreshnessRecord | undefined): FreshnessViolation {
  if (!record) return { code: 'stale_pack_used', candidate_id }
  const { pack_id, decision_row, context_pack_stale_reason: reason } = record
  return { code: 'stale_pack_used', candidate_id, pack_id, decision_row, ...(reason !== null && { reason }) }
}

function standsForPack(candidate: RetrievalCandidate, { isPack }: EvidenceScope): boolean {
  const contentHash = contentHashOf(candidate)
  return candidate.store === 'context_packs' || (contentHash !== undefined && isPack(contentHash))
}

/** True when every record about what the candidate stands for ends in a usable pack, the very one the candidate names. */
function isSupported(candidate: RetrievalCandidate, scope: IndexedScope): boolean {
  const contentHash = contentHashOf(candidate)
  const about = recordsAbout(candidate, scope)
  return (
    about.length > 0 &&
    about.every(
      (record) =>
        scope.usable.has(record) && (contentHash === undefined || contentHash === record.effective_pack_payload_hash),
    )
  )
}

/** By payload where the candidate names one, else by subject. */
function recordsAbout(
  candidate: RetrievalCandidate,
  { records, bySubject }: IndexedScope,
): readonly ContextPackFreshnessRecord[] {
  const contentHash = contentHashOf(candidate)
  if (contentHash === undefined) {
    return bySubject.get(referenceSubject(canonicalReferenceId(candidate), 'subject')) ?? []
  }
  return records.filter(
    (record) => contentHash === record.pack_payload_hash || contentHash === record.effective_pack_payload_hash,
  )
}

/** The artifact a candidate names, if it names one. */
function contentHashOf({ kind, ref }: RetrievalCandidate): string | undefined {
  if (kind === 'artifact_handle') return ref.content_hash
  return kind === 'source_ref' && ref.kind === 'artifact' ? ref.hash : undefined
}
