import { readJob } from '@ctxlock/ace-validators/poisoning'
import type { ConsentRequest } from '@ctxlock/contracts/consent'
import type { JobState } from '@ctxlock/contracts/primitives'
import type { ConsentState, StoredConsentRequest } from '@ctxlock/governance'

import { nodeEnvironment } from '../environment/node-environment.ts'
import { isClaimed } from '../run/run-claims.ts'
import type { OpenState } from '../workspace/state.ts'

/** Where requests are stored, and who is alive to use an answer. */
export type ConsentPlace = Pick<OpenState, 'database' | 'folder'>

/**
 * The state of a request as people are told it: an approval that nobody used in its time is `expired` (PROV-054), and what waits
 * for a call that nobody makes any more is `over`.
 */
export function shownState(
  place: ConsentPlace,
  { asked, state, answer }: StoredConsentRequest,
): ConsentState | 'expired' | 'over' {
  if (state === 'waiting') return hasEnded(place, asked) ? 'over' : state
  const until = answer?.receipt.valid_until
  const isLate = until !== undefined && nodeEnvironment.clock.now() >= Date.parse(until)
  return state === 'approved' && isLate ? 'expired' : state
}

/** A poisoned job is told of as that. */
const ENDED: ReadonlySet<JobState> = new Set(['completed', 'completed_with_issues', 'failed', 'cancelled'])

/**
 * True when the job that asked has ended, or its process died while it asked. A child that was not cancelled goes on in another job after a
 * crash, and its consent with it.
 */
function hasEnded(place: ConsentPlace, { job_id, run_id }: ConsentRequest): boolean {
  const job = readJob(place.database, job_id)
  if (job?.state === 'cancelled') return true
  if (job?.parent_job_id !== null) return false
  return ENDED.has(job.state) || (job.state === 'running' && !isClaimed(place, run_id))
}
