import { jobErrors } from '@ctxlock/ace-validators'
import { canonicalHash, uuidFromHash } from '@ctxlock/core-hash'

import type { Session } from '../session/session.ts'
import type { PolicyNow } from './policy-now.ts'
import type { SdkCall, SdkRefusal } from './sdk-call.ts'
import { violationRefusal } from './violation-refusal.ts'

/**
 * JobBoundaryRoutingGuard for an application: its calls of one model are one job, which stays under the policy and the tier that its
 * workspace was opened with (VAL-045..VAL-047). The first call of a model puts both on record.
 */
export function boundaryRefusal(
  session: Session,
  call: SdkCall,
  sessionId: string,
  now: Pick<PolicyNow, 'baseline'>,
): SdkRefusal | undefined {
  const { provider, model, tier } = call
  const jobId = uuidFromHash(canonicalHash(['ai-sdk', sessionId, provider, model]))
  const { baseline, hash } = session.state.unsynced(() => session.jobs.baselineOf(jobId, session.baseline(tier)))
  const [error] = jobErrors({
    job_id: jobId,
    parent_job_id: null,
    determinism_mode: session.config.policy.determinismMode,
    baseline,
    baseline_hash: hash,
    current: now.baseline(tier),
  })
  return (
    error &&
    violationRefusal(session, call, {
      code: error.code,
      what: `${String(error.details['field'])} is not what it was when the workspace was opened`,
      hint: 'The config was changed meanwhile. Start the application again, so that it runs under what holds now.',
      found: { violation_type: 'job_boundary', severity: 'high', guard: error.guard, error_code: error.code },
    })
  )
}
