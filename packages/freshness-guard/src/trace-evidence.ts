import type { ContextPackFreshnessRecord, FreshnessTrace, FreshnessViolation } from '@ctxlock/contracts/freshness'
import { canonicalReferenceId } from '@ctxlock/contracts/references'
import type { RetrievalCandidate } from '@ctxlock/contracts/retrieval'

type Records = readonly ContextPackFreshnessRecord[]
type UsableRecords = ReadonlySet<ContextPackFreshnessRecord>
type EvidenceItem = FreshnessTrace['selected'][number] | FreshnessTrace['spans'][number]

/**
 * Holds candidates, selection and spans of a trace against its freshness records (FG-040). `usable` are the records whose
 * pack was examined again and found fresh.
 */
export function evidenceViolations(trace: FreshnessTrace, usable: UsableRecords): FreshnessViolation[] {
  const { candidates, selected, spans, context_pack_freshness: records } = trace
  const byId = new Map(candidates.map((candidate) => [candidate.candidate_id, candidate]))
  const withdrawn = withdrawnPayloads(records, usable)
  return [
    ...candidates.flatMap((candidate) => candidateViolations(candidate, records, usable)),
    ...[...selected, ...spans].flatMap((item) =>
      useViolations(item, byId.get(item.candidate_id), records, usable, withdrawn),
    ),
  ]
}

function candidateViolations(
  candidate: RetrievalCandidate,
  records: Records,
  usable: UsableRecords,
): FreshnessViolation[] {
  const { candidate_id, store, scores } = candidate
  const violations: FreshnessViolation[] = []
  if (store === 'context_packs' && !records.some((record) => isAbout(record, candidate))) {
    violations.push({ code: 'record_missing', candidate_id })
  }
  // Whatever store the candidate names: a pack score other than 0 is only ever earned by a fresh pack (FG-021, ACE-034).
  if ((scores.pack ?? 0) !== 0 && !isSupported(candidate, records, usable)) {
    violations.push({ code: 'score_without_fresh_record', candidate_id })
  }
  return violations
}

/** Nothing that stands for a pack may be selected or quoted unless that very pack is fresh (FG-020). */
function useViolations(
  { candidate_id, ref }: EvidenceItem,
  candidate: RetrievalCandidate | undefined,
  records: Records,
  usable: UsableRecords,
  withdrawn: ReadonlyMap<string | undefined, ContextPackFreshnessRecord>,
): FreshnessViolation[] {
  if (!candidate) return [{ code: 'candidate_unknown', candidate_id }]
  const named = withdrawn.get(ref.hash) ?? withdrawn.get(payloadHashOf(candidate))
  if (named) return [staleUse(candidate_id, named)]
  if (candidate.store !== 'context_packs' || isSupported(candidate, records, usable)) return []
  return [
    staleUse(
      candidate_id,
      records.find((record) => isAbout(record, candidate)),
    ),
  ]
}

function staleUse(candidate_id: string, record: ContextPackFreshnessRecord | undefined): FreshnessViolation {
  if (!record) return { code: 'stale_pack_used', candidate_id }
  const { pack_id, decision_row, context_pack_stale_reason: reason } = record
  return { code: 'stale_pack_used', candidate_id, pack_id, decision_row, ...(reason !== null && { reason }) }
}

/** Payloads that were examined and must not be used, with the record that says so. */
function withdrawnPayloads(
  records: Records,
  usable: UsableRecords,
): Map<string | undefined, ContextPackFreshnessRecord> {
  const withdrawn = new Map<string | undefined, ContextPackFreshnessRecord>()
  for (const record of records) {
    withdrawn.set(record.pack_payload_hash, record)
    if (record.effective_pack_payload_hash !== null) withdrawn.set(record.effective_pack_payload_hash, record)
  }
  for (const record of usable) withdrawn.delete(record.effective_pack_payload_hash ?? undefined)
  return withdrawn
}

/** True when every record about what the candidate stands for ends in a usable pack, the very one the candidate names. */
function isSupported(candidate: RetrievalCandidate, records: Records, usable: UsableRecords): boolean {
  const payloadHash = payloadHashOf(candidate)
  const about = records.filter((record) => isAbout(record, candidate))
  return (
    about.length > 0 &&
    about.every(
      (record) =>
        usable.has(record) && (payloadHash === undefined || payloadHash === record.effective_pack_payload_hash),
    )
  )
}

function isAbout(record: ContextPackFreshnessRecord, candidate: RetrievalCandidate): boolean {
  const payloadHash = payloadHashOf(candidate)
  if (payloadHash === undefined) return subjectOf(record.target) === subjectOf(canonicalReferenceId(candidate))
  return payloadHash === record.pack_payload_hash || payloadHash === record.effective_pack_payload_hash
}

/** The pack artifact a candidate names, if it names one. */
function payloadHashOf({ kind, ref }: RetrievalCandidate): string | undefined {
  if (kind === 'artifact_handle') return ref.content_hash
  return kind === 'source_ref' && ref.kind === 'artifact' ? ref.hash : undefined
}

/**
 * What a canonical reference id is about: its kind, type and id, without hash and selector. A pack of a file and a
 * candidate that quotes lines of the file are about the same subject (CP-023).
 */
function subjectOf(canonicalId: string): string {
  let parts: unknown
  try {
    parts = JSON.parse(canonicalId)
  } catch {
    // A record may claim any target; one that is no canonical id is about nothing but itself.
    return canonicalId
  }
  return Array.isArray(parts) ? JSON.stringify(parts.slice(0, 3)) : canonicalId
}
