import { DEFAULT_CONTEXT_PACK_POLICY, type ContextPackPolicy } from '@ctxlock/contracts/freshness'
import type { CtxlockConfig, PolicyConfig, RoleConfig, SourceClass } from '@ctxlock/contracts/config'
import type { OnCandidateHit, PatternPackId } from '@ctxlock/contracts/guards'
import type { AutomationLevel, DeterminismMode, GovernanceMode } from '@ctxlock/contracts/primitives'
import { DEFAULT_EXECUTION_POLICY, ExecutionPolicy } from '@ctxlock/contracts/micro-task-run'
import type { SwapStrategy } from '@ctxlock/contracts/model-swap'
import type { ProviderConfig } from '@ctxlock/contracts/provider'
import { DEFAULT_RETRIEVAL_BUDGETS, RetrievalBudgets, type TrustClass } from '@ctxlock/contracts/retrieval'
import type { RuleConvention } from '@ctxlock/contracts/rules'
import { DEFAULT_SCHEDULER_LIMITS, SchedulerLimits } from '@ctxlock/contracts/scheduler'
import type { WorkProfile } from '@ctxlock/contracts/work-profile'

/** The config with every default filled in; what a run pins and records. */
export interface ResolvedConfig {
  readonly sources: {
    readonly include: readonly string[]
    readonly exclude: readonly string[]
    readonly keep: { readonly classes: readonly SourceClass[]; readonly paths: readonly string[] }
    /** gitignore patterns of what a person may agree to send to a cloud model. */
    readonly exportable: readonly string[]
    readonly maxFileBytes: number
    readonly trust: { readonly low: readonly string[]; readonly high: readonly string[] }
  }
  readonly rules: {
    readonly files: readonly string[]
    readonly conventions: readonly RuleConvention[]
    readonly skills: readonly string[]
    readonly maxTokens: number
  }
  readonly tasks: readonly string[]
  readonly roles: readonly RoleConfig[]
  readonly providers: readonly ProviderConfig[]
  readonly embedding: EmbeddingConfig | undefined
  readonly plugins: readonly string[]
  readonly profiles: readonly WorkProfile[]
  readonly activeProfile: string
  readonly policy: ResolvedPolicy
  readonly execution: {
    readonly commands: readonly string[]
    readonly memoryBytes: number
    /** Millionths of a US dollar; null is no limit. */
    readonly maxCostMicroUsd: number | null
    /** Without an escalation chain the profile says which model is called. */
    readonly policy: ExecutionPolicy
    readonly scheduler: SchedulerLimits
    readonly swap: { readonly strategy: SwapStrategy; readonly maxVramMb: number; readonly maxRamMb: number }
  }
  readonly recorder: {
    readonly keepPayloads: boolean
    readonly payloadTtlDays: number
    readonly retentionDays: number
    readonly sealDays: number
    readonly anchors: readonly { readonly name: string; readonly options: object }[]
  }
}

const DEFAULT_RETENTION_DAYS = 400
const DEFAULT_SEAL_DAYS = 90

/** More than any machine has. */
const UNBOUNDED_MB = 2 ** 30

export interface EmbeddingConfig {
  readonly modelId: string
  readonly dimensions: number | undefined
  readonly prefixes: { readonly query: string; readonly passage: string }
}

export interface ResolvedPolicy {
  readonly policyProfileId: string
  readonly governanceMode: GovernanceMode
  readonly automationLevel: AutomationLevel | undefined
  readonly determinismMode: DeterminismMode
  readonly seed: number
  readonly contextPack: ContextPackPolicy
  readonly refreshOnStale: boolean
  readonly retrieval: RetrievalBudgets
  /** The same for attempts at editing files, which have to see them whole; what the config states holds here too. */
  readonly retrievalForEdits: RetrievalBudgets
  /** How many characters of a tool's output may stand in a prompt, where the config says so; it holds for applications too. */
  readonly statedToolOutputLimit: number | null
  readonly onDrift: 'fail' | 'degrade'
  readonly injectionPatterns: readonly { readonly id: string; readonly text: string }[]
  readonly injectionPacks: readonly PatternPackId[]
  readonly onCandidateHit: OnCandidateHit
  readonly allowWaivers: boolean
  readonly trustMin: TrustClass
}

/** Files that are edited are shown window by window, as a whole where there is room (MT-022). */
const WHOLE_FILES: Partial<RetrievalBudgets> = {
  max_total_evidence_tokens: 8192,
  max_snippets_total: 12,
  max_snippets_per_source: 12,
  max_read_tokens: 4096,
  max_tool_calls: 12,
}

/** The embedded provider: no model, no network. */
export const EMBEDDED_PROVIDER: ProviderConfig = {
  provider_id: 'embedded',
  kind: 'extractive',
  declared_tier: 'local',
  base_url: null,
  secret_ref: null,
  default_model_id: 'extractive',
  // It is part of ctxlock: that its calls cost nothing is known.
  models: [{ model_id: 'extractive', price: { input_usd_per_million: 0, output_usd_per_million: 0 } }],
  network: { allow_private_hosts: [], allow_ports: [], redirects: 'deny' },
  enabled: true,
}

/** A profile in which one model serves every role and nothing leaves the machine. */
export function singleModelProfile(profileId: string, modelId: string): WorkProfile {
  const assignment = { primary_model_id: modelId, local_only: true }
  return {
    schema_version: 'hsk.work_profile@0.6',
    profile_id: profileId,
    name: profileId,
    model_assignments: { frontend: assignment, orchestrator: assignment, worker: assignment, validator: assignment },
    governance: { automation_level: 'HYBRID', allow_cloud_escalation: false },
  }
}

export function resolveConfig(config: CtxlockConfig): ResolvedConfig {
  const profiles = config.profiles ?? [singleModelProfile('default', EMBEDDED_PROVIDER.default_model_id)]
  return {
    sources: {
      include: config.sources?.include ?? [],
      exclude: config.sources?.exclude ?? [],
      keep: { classes: config.sources?.keep?.classes ?? [], paths: config.sources?.keep?.paths ?? [] },
      exportable: config.sources?.exportable ?? [],
      maxFileBytes: config.sources?.max_file_bytes ?? 1_048_576,
      trust: { low: config.sources?.trust?.low ?? [], high: config.sources?.trust?.high ?? [] },
    },
    rules: {
      files: config.rules?.files ?? [],
      conventions: config.rules?.conventions ?? [],
      skills: config.rules?.skills ?? [],
      maxTokens: config.rules?.max_tokens ?? 300,
    },
    tasks: config.tasks ?? [],
    roles: config.roles ?? [{ role_id: 'worker', runtime_role: 'worker' }],
    providers: config.providers ?? [EMBEDDED_PROVIDER],
    embedding: config.embedding && {
      modelId: config.embedding.model_id,
      dimensions: config.embedding.dimensions,
      prefixes: { query: config.embedding.query_prefix ?? '', passage: config.embedding.passage_prefix ?? '' },
    },
    plugins: config.plugins ?? [],
    profiles,
    activeProfile: config.active_profile ?? profiles[0]?.profile_id ?? 'default',
    policy: resolvePolicy(config.policy ?? {}),
    execution: {
      commands: config.execution?.commands ?? [],
      memoryBytes: (config.execution?.memory_mb ?? 4096) * 1_048_576,
      maxCostMicroUsd: config.execution?.max_cost_micro_usd ?? null,
      policy: ExecutionPolicy.parse({
        ...DEFAULT_EXECUTION_POLICY,
        ...config.execution?.policy,
        context_pack_policy: config.policy?.context_pack ?? DEFAULT_CONTEXT_PACK_POLICY,
      }),
      scheduler: SchedulerLimits.parse({ ...DEFAULT_SCHEDULER_LIMITS, ...config.execution?.scheduler }),
      swap: {
        strategy: config.execution?.swap?.strategy ?? 'unload_reload',
        maxVramMb: config.execution?.swap?.max_vram_mb ?? UNBOUNDED_MB,
        maxRamMb: config.execution?.swap?.max_ram_mb ?? UNBOUNDED_MB,
      },
    },
    recorder: {
      keepPayloads: config.recorder?.keep_payloads ?? false,
      payloadTtlDays: config.recorder?.payload_ttl_days ?? 7,
      sealDays: config.recorder?.seal_days ?? DEFAULT_SEAL_DAYS,
      retentionDays: config.recorder?.retention_days ?? DEFAULT_RETENTION_DAYS,
      anchors: (config.recorder?.anchors ?? []).map(({ name, options = {} }) => ({ name, options })),
    },
  }
}

function resolvePolicy(policy: PolicyConfig): ResolvedPolicy {
  return {
    policyProfileId: policy.policy_profile_id ?? 'default',
    governanceMode: policy.governance_mode ?? 'gov_standard',
    automationLevel: policy.automation_level,
    determinismMode: policy.determinism_mode ?? 'strict',
    seed: policy.seed ?? 0,
    contextPack: policy.context_pack ?? DEFAULT_CONTEXT_PACK_POLICY,
    refreshOnStale: policy.refresh_on_stale ?? true,
    retrieval: RetrievalBudgets.parse({ ...DEFAULT_RETRIEVAL_BUDGETS, ...policy.retrieval }),
    retrievalForEdits: RetrievalBudgets.parse({ ...DEFAULT_RETRIEVAL_BUDGETS, ...WHOLE_FILES, ...policy.retrieval }),
    statedToolOutputLimit: policy.retrieval?.tool_delta_inline_char_limit ?? null,
    onDrift: policy.on_drift ?? 'degrade',
    injectionPatterns: policy.injection_patterns ?? [],
    injectionPacks: policy.injection_packs ?? [],
    onCandidateHit: policy.on_candidate_hit ?? 'poison',
    allowWaivers: policy.allow_waivers ?? false,
    trustMin: policy.trust_min ?? 'low',
  }
}
