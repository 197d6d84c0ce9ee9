import { readJob } from '@ctxlock/ace-validators/poisoning'
import type { ConsentRequest } from '@ctxlock/contracts/consent'
import type { SqlDatabase } from '@ctxlock/contracts/ports'
import type { JobState } from '@ctxlock/contracts/primitives'
import type { ConsentState, StoredConsentRequest } from '@ctxlock/governance'

import { nodeEnvironment } from '../environment/node-environment.ts'

/**
 * The state of a request as people are told it: an approval that nobody used in its time is `expired` (PROV-054), and what waits
 * for a call that nobody makes any more is `over`.
 */
export function shownState(
  database: SqlDatabase,
  { asked, state, answer }: StoredConsentRequest,
): ConsentState | 'expired' | 'over' {
  if (state === 'waiting') return hasEnded(database, asked) ? 'over' : state
  const until = answer?.receipt.valid_until
  const isLate = until !== undefined && nodeEnvironment.clock.now() >= Date.parse(until)
  return state === 'approved' && isLate ? 'expired' : state
}

/** A poisoned job is told of as that. */
const ENDED: ReadonlySet<JobState> = new Set(['completed', 'completed_with_issues', 'failed', 'cancelled'])

/** True when the job that asked has ended. A child that was not cancelled goes on in another job after a crash, and its consent with it. */
export function hasEnded(database: SqlDatabase, { job_id }: ConsentRequest): boolean {
  const job = readJob(database, job_id)
  return job?.state === 'cancelled' || (job?.parent_job_id === null && ENDED.has(job.state))
}
