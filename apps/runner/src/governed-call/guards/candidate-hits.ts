import type { PipelineResult } from '@ctxlock/ace-validators'
import type { Retrieval } from '@ctxlock/context-compiler'
import type { InjectionMatch, WaivedMatch } from '@ctxlock/contracts/guards'
import type { CandidateHit } from '@ctxlock/contracts/retrieval'

/** Matches as a trace holds them: by candidate, with the bytes of the snippet they stand in. */
export function candidateHits(matches: readonly (InjectionMatch | WaivedMatch)[]): CandidateHit[] {
  return matches.flatMap((match) =>
    match.members.flatMap(({ candidate_id, content_hash, utf8_start, utf8_end }) =>
      candidate_id === null
        ? []
        : [
            {
              candidate_id,
              content_hash,
              pattern_id: match.pattern_id,
              view_id: match.view_id,
              start_byte: utf8_start,
              end_byte: utf8_end,
              ...('waiver_id' in match && { waiver_id: match.waiver_id }),
            },
          ],
    ),
  )
}

/** The same evidence; its trace says what a waiver let pass, and with the trace the snapshot's hash does. */
export function withWaived(
  retrieval: Retrieval,
  { waived, warnings }: Pick<PipelineResult, 'waived' | 'warnings'>,
): Retrieval {
  if (waived.length === 0) return retrieval
  return retrieval.without(
    [],
    warnings.filter((warning) => warning.startsWith('injection_waived:')),
    candidateHits(waived),
  )
}
