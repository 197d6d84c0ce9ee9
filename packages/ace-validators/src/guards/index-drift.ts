import type { AceError, CallInput, Guard, GuardOutcome, TraceInput } from '@ctxlock/contracts/guards'
import { pathOfSourceId, parseSelector, type Reference, type SourceRef } from '@ctxlock/contracts/references'
import type { RetrievalCandidate } from '@ctxlock/contracts/retrieval'
import { bytesHash } from '@ctxlock/core-hash'

import { errorsOf, NOT_APPLICABLE, outcome } from './outcome.ts'

const NAME = 'IndexDriftGuard'
const error = errorsOf(NAME)

type Input = Pick<TraceInput | CallInput, 'trace' | 'ports' | 'policy' | 'job'>

/**
 * Spec 05 section 3.11: what an index says about a source must still be true of the source. Strict jobs fail; others may
 * leave the item out and go on with a warning and a recovery action (VAL-055, VAL-056).
 */
export const indexDriftGuard: Guard = { name: NAME, validateTrace: judge, validateCall: judge }

function judge(input: Input): GuardOutcome {
  const { trace, policy, job } = input
  if (trace === null) return NOT_APPLICABLE
  const current = currentHashes(input.ports)
  const selected = new Map(trace.selected.map(({ candidate_id, ref }) => [candidate_id, ref]))
  const drifts = trace.candidates.flatMap((candidate) =>
    driftOf(candidate, selected.get(candidate.candidate_id), current),
  )
  const unknown = trace.selected.filter(
    ({ candidate_id }) => !trace.candidates.some((candidate) => candidate.candidate_id === candidate_id),
  )
  const used = drifts.filter(({ candidate_id }) => selected.has(candidate_id))

  const warnings = drifts.flatMap(({ kind, candidate_id }) => [
    `index_drift:${kind}:${candidate_id}`,
    `recovery_hint:${kind === 'kg' ? 'backfill' : 'reindex'}:${candidate_id}`,
  ])
  const errors: AceError[] = [
    ...unknown.map(({ candidate_id }) => error('ProvenanceMissing', { candidate_id, reason: 'not_a_candidate' })),
    ...used.map(({ code, candidate_id, reason }) => error(code, { candidate_id, reason })),
  ]
  // VAL-056: dropping evidence would change the result a strict job guarantees.
  if (unknown.length > 0 || job.determinism_mode === 'strict' || policy.on_drift === 'fail')
    return outcome(errors, { warnings })
  if (used.length === 0) return outcome([], { warnings })
  const removals = used.map(({ candidate_id, reason }) => ({ kind: 'candidate' as const, id: candidate_id, reason }))
  return outcome([], { verdict: 'degrade', warnings, removals })
}

interface Drift {
  readonly candidate_id: string
  readonly kind: 'embedding' | 'kg' | 'web_cache'
  readonly code: 'IndexDrift' | 'ProvenanceMissing'
  readonly reason: string
}

function driftOf(candidate: RetrievalCandidate, selected: SourceRef | undefined, current: CurrentHash): Drift[] {
  const { candidate_id, store } = candidate
  const kind = store === 'knowledge_graph' ? 'kg' : store === 'local_web_cache' ? 'web_cache' : 'embedding'
  // What goes into the prompt is the selected reference; it needs a hash and a bounded selector like any evidence.
  const refs: Reference[] = [
    ...(candidate.kind === 'entity_ref' ? [] : [candidate]),
    ...(selected ? [{ kind: 'source_ref' as const, ref: selected }] : []),
  ]
  const unsourced = refs.length === 0 || refs.some((reference) => !hasProvenance(reference))
  if (unsourced) return [{ candidate_id, kind, code: 'ProvenanceMissing', reason: 'provenance_missing' }]
  const drifted = refs.some((reference) => current(reference) !== recordedHash(reference))
  return drifted ? [{ candidate_id, kind, code: 'IndexDrift', reason: 'source_hash_differs' }] : []
}

function hasProvenance(reference: Reference): boolean {
  if (reference.kind !== 'source_ref') return true
  return reference.ref.hash !== undefined && parseSelector(reference.ref.selector ?? '') !== undefined
}

function recordedHash(reference: Reference): string | undefined {
  if (reference.kind === 'entity_ref') return undefined
  return reference.kind === 'source_ref' ? reference.ref.hash : reference.ref.content_hash
}

type CurrentHash = (reference: Reference) => string | null

/** Hashes each source once a run; null when it cannot be read, which is drift as well. */
function currentHashes({ sources, resolver }: TraceInput['ports']): CurrentHash {
  const known = new Map<string, string | null>()
  return (reference) => {
    const path = reference.kind === 'source_ref' ? pathOfSourceId(reference.ref.id) : undefined
    if (path === undefined) return resolver.describe(reference)?.content_hash ?? null
    const seen = known.get(path)
    if (seen !== undefined) return seen
    const read = sources.read(path)
    const hash = read.status === 'read' ? bytesHash(read.bytes) : null
    known.set(path, hash)
    return hash
  }
}
