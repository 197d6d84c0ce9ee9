import type { JobBaseline } from '@ctxlock/contracts/guards'
import type { ModelTier } from '@ctxlock/contracts/primitives'

import { findProfile } from '../profiles/profile-in-force.ts'
import { automationLevelOf, jobBaselines } from '../session/job-baseline.ts'
import type { Session } from '../session/session.ts'
import { loadConfig } from '../workspace/config-file.ts'

/** The part of a session that says what a workspace allows. */
export interface PolicyNow extends Pick<Session, 'profile' | 'automationLevel' | 'configFromFile'> {
  baseline(tier: ModelTier): JobBaseline
}

/**
 * What the workspace's config says at this moment. An application runs for long, and a person may have changed the config since its
 * workspace was opened. Throws what `loadConfig` throws.
 */
export function policyNow({ root, waivers }: Pick<Session, 'root' | 'waivers'>): PolicyNow {
  const { config, fromFile } = loadConfig(root)
  const profile = findProfile(config, config.activeProfile)
  const automationLevel = automationLevelOf(config, profile)
  const baselines = jobBaselines(config.policy, automationLevel, waivers)
  return { profile, automationLevel, configFromFile: fromFile, baseline: (tier) => baselines[tier] }
}
