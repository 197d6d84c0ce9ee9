import type { Retrieval, SourceCandidate } from '@ctxlock/context-compiler'
import { parseSelector, pathOfSourceId } from '@ctxlock/contracts/references'

import type { PackShelf } from '../packs/pack-shelf.ts'

/**
 * The retrieval without the candidates a person named by id or its beginning, and without what else would show their lines:
 * candidates of the same source that overlap them, and its context pack. A name that nothing has gives a warning
 * `without_unmet:<name>`.
 */
export function withoutNamed(
  retrieval: Retrieval,
  names: readonly string[],
  shelf: Pick<PackShelf, 'used' | 'withdraw'>,
): Retrieval {
  if (names.length === 0) return retrieval
  const { candidates } = retrieval
  const named = candidates.filter(({ candidate_id }) => names.some((name) => candidate_id.startsWith(name)))
  const left = candidates.filter((candidate) => named.some((other) => showsLinesOf(candidate, other)))
  const paths = new Set(named.map(({ ref }) => pathOfSourceId(ref.id)))
  for (const { path, record } of shelf.used) if (paths.has(path)) shelf.withdraw(record.payload_hash)
  const unmet = names.filter((name) => !named.some(({ candidate_id }) => candidate_id.startsWith(name)))
  return retrieval.without(
    left.map(({ candidate_id }) => ({ id: candidate_id, reason: 'left_out_by_person' })),
    unmet.map((name) => `without_unmet:${name}`),
  )
}

function showsLinesOf(candidate: SourceCandidate, other: SourceCandidate): boolean {
  if (candidate.ref.id !== other.ref.id) return false
  const [own, theirs] = [candidate, other].map(({ ref }) => parseSelector(ref.selector ?? ''))
  // A part of a single line is not compared with lines: better one candidate too few.
  if (candidate.store === 'context_packs' || own?.kind !== 'lines' || theirs?.kind !== 'lines') return true
  return own.start <= theirs.end && theirs.start <= own.end
}
