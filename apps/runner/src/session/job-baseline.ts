import type { JobBaseline } from '@ctxlock/contracts/guards'
import type { AutomationLevel, ModelTier } from '@ctxlock/contracts/primitives'
import type { InjectionWaiver } from '@ctxlock/contracts/waivers'
import type { WorkProfile } from '@ctxlock/contracts/work-profile'
import { canonicalHash, settle } from '@ctxlock/core-hash'

import type { ResolvedConfig, ResolvedPolicy } from '../workspace/default-config.ts'

/** What the config's policy says goes before what the profile says. */
export function automationLevelOf({ policy }: ResolvedConfig, { governance }: WorkProfile): AutomationLevel {
  return policy.automationLevel ?? governance.automation_level
}

/** What a job is created under, and has to stay under (VAL-045): policy, tier, and the layers it may read and write. */
export function jobBaselines(
  policy: ResolvedPolicy,
  automationLevel: AutomationLevel,
  waivers: readonly InjectionWaiver[],
): Readonly<Record<ModelTier, JobBaseline>> {
  const policyHash = canonicalHash({ ...policy, automationLevel, waivers })
  const baselineOf = (tier: ModelTier) =>
    settle<JobBaseline>({
      policy_profile_id: policy.policyProfileId,
      policy_hash: policyHash,
      model_tier: tier,
      layer_scope: { read: ['derived', 'raw'], write: ['derived'] },
    })
  return { local: baselineOf('local'), cloud: baselineOf('cloud') }
}
