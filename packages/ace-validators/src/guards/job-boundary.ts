import type { LayerScope } from '@ctxlock/contracts/context'
import type { AceError, Guard, GuardJob } from '@ctxlock/contracts/guards'
import { canonicalHash, hashesEqual } from '@ctxlock/core-hash'

import { errorsOf, outcome } from './outcome.ts'

const NAME = 'JobBoundaryRoutingGuard'
const error = errorsOf(NAME)

/** Spec 05 section 3.7: policy, tier and layers stay what they were when the job was created. */
export const jobBoundaryGuard: Guard = {
  name: NAME,
  validatePlan: ({ job }) => outcome(jobErrors(job)),
  validateTrace: ({ job }) => outcome(jobErrors(job)),
  validateCall({ job, snapshot }) {
    const differing = [
      ...(snapshot.job_id === job.job_id ? [] : ['job_id']),
      ...(snapshot.policy_profile_id === job.baseline.policy_profile_id ? [] : ['policy_profile_id']),
      ...(snapshot.model_tier === job.baseline.model_tier ? [] : ['model_tier']),
      ...(sameLayers(snapshot.layer_scope, job.baseline.layer_scope) ? [] : ['layer_scope']),
    ]
    const errors = differing.map((field) => error('JobBoundaryViolation', { field, where: 'snapshot' }))
    return outcome([...jobErrors(job), ...errors])
  },
}

/** What a job must not have become (VAL-045..VAL-047), for hosts whose calls have no plan either: a rewritten baseline shows by its recorded hash, an edited profile by its content. */
export function jobErrors({ baseline, baseline_hash, current }: GuardJob): AceError[] {
  if (!hashesEqual(canonicalHash(baseline), baseline_hash)) {
    return [error('JobBoundaryViolation', { field: 'baseline', where: 'run_ledger' })]
  }
  const fields = ['policy_profile_id', 'policy_hash', 'model_tier'] as const
  const differing: string[] = fields.filter((field) => current[field] !== baseline[field])
  if (!sameLayers(current.layer_scope, baseline.layer_scope)) differing.push('layer_scope')
  return differing.map((field) => error('JobBoundaryViolation', { field, where: 'job' }))
}

/** Both sides are sets; order and repetition mean nothing (VAL-045). */
function sameLayers(left: LayerScope, right: LayerScope): boolean {
  return canonicalHash(sorted(left)) === canonicalHash(sorted(right))
}

function sorted({ read, write }: LayerScope): LayerScope {
  return { read: [...new Set(read)].toSorted(), write: [...new Set(write)].toSorted() }
}
