import type { RuntimeRole } from '@ctxlock/contracts/packs'
import type { WorkProfile } from '@ctxlock/contracts/work-profile'

/** The profile with one model for one role, as a level of the escalation chain names it; what it forbids, it forbids for that model too. */
export function profileForModel(profile: WorkProfile, role: RuntimeRole, modelId: string): WorkProfile {
  const { overrides: _, routing: _routing, ...rest } = profile
  const { local_only, allowed_models, compute } = profile.model_assignments[role]
  const assignment = {
    primary_model_id: modelId,
    local_only,
    ...(allowed_models && { allowed_models }),
    ...(compute && { compute }),
  }
  return { ...rest, model_assignments: { ...profile.model_assignments, [role]: assignment } }
}
