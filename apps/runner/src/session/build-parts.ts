import { VAULT_MAGIC_HEX } from '@ctxlock/artifact-store'
import { createPipeline, MANDATORY_GUARDS } from '@ctxlock/ace-validators'
import { caseFolding } from '@ctxlock/ace-validators/unicode'
import type { WorkProfile } from '@ctxlock/contracts/work-profile'
import { effectiveRegeneration, type FreshnessRules } from '@ctxlock/freshness-guard'
import type { Registry } from '@ctxlock/plugin-api'

import type { WorkspaceListing } from '../environment/workspace-listing.ts'
import { waiversInForce } from '../waivers/workspace-waivers.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'
import { checkPatterns } from './check-patterns.ts'
import { automationLevelOf, jobBaselines } from './job-baseline.ts'
import { rulePlaces } from './rule-places.ts'
import { loadRules } from './rule-set.ts'
import { pluginGuards } from './session-guards.ts'
import { createSessionMemory } from './session-memory.ts'
import type { SessionPorts } from './session-ports.ts'
import type { Session } from './session.ts'

/** What decides about the bytes of a call and about who judges them. */
export type BuildParts = Pick<
  Session,
  | 'automationLevel'
  | 'baseline'
  | 'config'
  | 'folding'
  | 'freshnessRules'
  | 'guards'
  | 'memory'
  | 'pluginGuards'
  | 'rules'
  | 'stamps'
  | 'timestamp'
  | 'vaultMagic'
  | 'waivers'
>

export interface BuildPartsInput {
  readonly root: string
  readonly variables: NodeJS.ProcessEnv
  readonly config: ResolvedConfig
  readonly profile: WorkProfile
  readonly plugins: Registry
  readonly ports: Pick<SessionPorts, 'environment' | 'reader'>
  listing(): WorkspaceListing
}

/**
 * Wires them once, for calls that are made and for calls that are replayed. Waivers count by the clock of `ports`. Throws
 * `CONFIG_INVALID` for patterns that cannot be scanned for.
 */
export async function buildParts(input: BuildPartsInput): Promise<BuildParts> {
  const { root, variables, config, profile, plugins, ports, listing } = input
  const { environment, reader } = ports
  const automationLevel = automationLevelOf(config, profile)
  checkPatterns(config.policy)
  const timestamp = () => new Date(environment.clock.now()).toISOString()
  const foreign = await pluginGuards(root, plugins, environment)
  const waivers = waiversInForce(root, config, { reader, now: timestamp(), variables })
  const baselines = jobBaselines(config.policy, automationLevel, waivers)
  return {
    automationLevel,
    config,
    folding: caseFolding,
    freshnessRules: freshnessRules(config),
    guards: createPipeline([...MANDATORY_GUARDS, ...foreign.map(({ guard }) => guard)], {
      ...environment,
      codeHashes: new Map(foreign.map(({ locked }) => [locked.guard, locked.code_hash])),
    }),
    memory: createSessionMemory(),
    pluginGuards: foreign,
    rules: loadRules(
      reader,
      config.rules,
      rulePlaces(root, config, reader, () => listing().files.map(({ path }) => path)),
    ),
    stamps: { uuid: () => environment.random.uuid(), timestamp },
    timestamp,
    vaultMagic: VAULT_MAGIC_HEX,
    waivers,
    baseline: (tier) => baselines[tier],
  }
}

function freshnessRules(config: ResolvedConfig): FreshnessRules {
  const policy = config.policy.contextPack
  const regeneration = effectiveRegeneration(policy, {
    capability: true,
    consent: false,
    builder: { deterministic: true, callsCloudModel: false, touchesNonExportableSources: false },
    determinismMode: config.policy.determinismMode,
  })
  return { policy, regeneration }
}
