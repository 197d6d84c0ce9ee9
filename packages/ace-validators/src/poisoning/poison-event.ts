import type { InjectionMatch } from '@ctxlock/contracts/guards'
import type { JobState } from '@ctxlock/contracts/primitives'
import { canonicalHash } from '@ctxlock/core-hash'

/** Matches one event carries (VAL-074). */
const MOST_MATCHES = 16

export interface PoisonRequest {
  readonly job_id: string
  /** A new UUID. */
  readonly violation_id: string
  readonly guard: string
  readonly matches: readonly InjectionMatch[]
  readonly policy_profile_id: string
  readonly context_snapshot_id: string | null
  /** Nodes and model calls that are being aborted. */
  readonly nodes_terminated?: number
}

/** The payload of FR-EVT-SEC-VIOLATION; the host adds the envelope. Ids, hashes and offsets, never text (REC-020). */
export interface PoisonEvent {
  readonly violation_id: string
  readonly violation_type: 'prompt_injection'
  readonly severity: 'critical'
  readonly guard: string
  readonly error_code: 'PromptInjectionDetected'
  readonly action_taken: 'poisoned'
  readonly job_state_from: JobState
  readonly job_state_to: 'poisoned'
  readonly nodes_terminated: number
  readonly child_jobs_cancelled: number
  readonly mutation_fence: true
  readonly matches: readonly PoisonMatch[]
  readonly context_snapshot_id: string | null
  readonly policy_profile_id: string
  readonly idempotency_key: string
}

type MatchedBlock = InjectionMatch['members'][number]
type PoisonMatch = Pick<InjectionMatch, 'pattern_id' | 'view_id' | 'offset' | 'length' | 'table_version'> &
  Pick<MatchedBlock, 'candidate_id' | 'source_ref_hash' | 'content_hash'>

/** The event of a job that was in the state `from`, and of so many children that are cancelled with it. */
export function poisonEvent(request: PoisonRequest, from: JobState, children: number): PoisonEvent {
  const { job_id, violation_id, guard, matches, policy_profile_id, context_snapshot_id, nodes_terminated = 0 } = request
  const contents = new Set(matches.flatMap(({ members }) => members.map(({ content_hash }) => content_hash)))
  return {
    violation_id,
    violation_type: 'prompt_injection',
    severity: 'critical',
    guard,
    error_code: 'PromptInjectionDetected',
    action_taken: 'poisoned',
    job_state_from: from,
    job_state_to: 'poisoned',
    nodes_terminated,
    child_jobs_cancelled: children,
    mutation_fence: true,
    matches: eventMatches(matches),
    context_snapshot_id,
    policy_profile_id,
    idempotency_key: canonicalHash([job_id, 'prompt_injection', guard, [...contents].toSorted()]),
  }
}

/** Matches as a security event carries them, at most 16 (VAL-074). One over a border counts for the block it starts in. */
export function eventMatches(matches: readonly InjectionMatch[]): PoisonMatch[] {
  const found = matches.flatMap(({ pattern_id, view_id, offset, length, table_version, members }) =>
    members.slice(0, 1).map(({ candidate_id, source_ref_hash, content_hash }) => ({
      pattern_id,
      view_id,
      candidate_id,
      source_ref_hash,
      content_hash,
      offset,
      length,
      table_version,
    })),
  )
  return found.slice(0, MOST_MATCHES)
}
