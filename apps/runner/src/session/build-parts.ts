import { VAULT_MAGIC_HEX } from '@ctxlock/artifact-store'
import { createPipeline, MANDATORY_GUARDS, type Pipeline } from '@ctxlock/ace-validators'
import { caseFolding } from '@ctxlock/ace-validators/unicode'
import type { RecordStamps } from '@ctxlock/context-compiler'
import type { JobBaseline } from '@ctxlock/contracts/guards'
import type { CaseFolding } from '@ctxlock/contracts/ports'
import type { AutomationLevel, ModelTier } from '@ctxlock/contracts/primitives'
import type { InjectionWaiver } from '@ctxlock/contracts/waivers'
import type { WorkProfile } from '@ctxlock/contracts/work-profile'
import { effectiveRegeneration, type FreshnessRules } from '@ctxlock/freshness-guard'
import type { Registry } from '@ctxlock/plugin-api'

import type { WorkspaceListing } from '../environment/workspace-listing.ts'
import { waiversInForce } from '../waivers/workspace-waivers.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'
import { checkPatterns } from './check-patterns.ts'
import { automationLevelOf, jobBaselines } from './job-baseline.ts'
import { rulePlaces } from './rule-places.ts'
import { loadRules, type RuleSet } from './rule-set.ts'
import { pluginGuards, type PluginGuard } from './session-guards.ts'
import { createSessionMemory, type SessionMemory } from './session-memory.ts'
import type { SessionPorts } from './session-ports.ts'

/** What decides about the bytes of a call and about who judges them. */
export interface BuildParts {
  readonly config: ResolvedConfig
  readonly automationLevel: AutomationLevel
  readonly stamps: RecordStamps
  readonly folding: CaseFolding
  readonly rules: RuleSet
  readonly freshnessRules: FreshnessRules
  readonly guards: Pipeline
  /** Those of plugins, which are among `guards`. */
  readonly pluginGuards: readonly PluginGuard[]
  readonly memory: SessionMemory
  /** Waivers that hold, as far as the host can tell, since this session began. */
  readonly waivers: readonly InjectionWaiver[]
  readonly vaultMagic: string
  timestamp(): string
  /** What must not change while a job lives (VAL-045). */
  baseline(tier: ModelTier): JobBaseline
}

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
