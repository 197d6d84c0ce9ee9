import type { WaiverPolicy } from '@ctxlock/contracts/guards'
import type { SourceReader } from '@ctxlock/contracts/ports'
import type { InjectionWaiver } from '@ctxlock/contracts/waivers'

import { nodeEnvironment } from '../environment/node-environment.ts'
import { createSourceTrust } from '../environment/source-trust.ts'
import { createWorkspaceReader } from '../environment/workspace-reader.ts'
import { scanPolicy } from '../scan/scan-policy.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'
import { acceptedWaivers } from './accepted-waivers.ts'
import { readWaivers } from './waiver-file.ts'
import { standingOf, type WaiverStanding } from './waiver-standing.ts'

interface Surroundings {
  readonly reader: SourceReader
  readonly now: string
  readonly variables: NodeJS.ProcessEnv
}

/** Every waiver of a workspace with what it is worth at `now`. Throws `WAIVERS_INVALID`. */
function workspaceWaivers(
  root: string,
  config: ResolvedConfig,
  { reader, now, variables }: Surroundings,
): readonly WaiverStanding[] {
  const conditions = {
    policy: waiverPolicy(config),
    now,
    reader,
    maxFileBytes: config.sources.maxFileBytes,
    trustOf: createSourceTrust(config.sources.trust),
    accepted: acceptedWaivers(root, variables),
  }
  return readWaivers(root).map((waiver) => standingOf(waiver, conditions))
}

/** The same by the clock and the person's folder of this process. */
export function waiversNow(root: string, config: ResolvedConfig): readonly WaiverStanding[] {
  const now = new Date(nodeEnvironment.clock.now()).toISOString()
  return workspaceWaivers(root, config, { reader: createWorkspaceReader(root), now, variables: process.env })
}

/** What the guard is told of; a file that the profile does not allow is not even read. */
export function waiversInForce(root: string, config: ResolvedConfig, surroundings: Surroundings): InjectionWaiver[] {
  if (!config.policy.allowWaivers) return []
  return workspaceWaivers(root, config, surroundings).flatMap(({ waiver, state }) =>
    state === 'in_force' ? [waiver] : [],
  )
}

/** The part of the config that decides whether a waiver holds. */
export function waiverPolicy({ policy, profiles, activeProfile }: ResolvedConfig): WaiverPolicy {
  const profile = profiles.find(({ profile_id }) => profile_id === activeProfile)
  const levels = [policy.automationLevel, profile?.governance.automation_level]
  return {
    ...scanPolicy(policy),
    policy_profile_id: policy.policyProfileId,
    // Whoever says LOCKED is heard.
    automation_level: levels.includes('LOCKED')
      ? 'LOCKED'
      : (levels.find((level) => level !== undefined) ?? 'FULL_HUMAN'),
    allow_waivers: policy.allowWaivers,
  }
}
