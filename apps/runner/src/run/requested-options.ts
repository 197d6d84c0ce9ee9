import type { RunRequest } from '@ctxlock/contracts/call'
import type { ModelAssignment, WorkProfile } from '@ctxlock/contracts/work-profile'
import type { ContextPackPolicy } from '@ctxlock/contracts/freshness'

import { CommandError } from '../command-error.ts'
import type { GlobalOptions } from '../command-line/command-context.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'

/** Options shared by `ask` and `run`. */
export interface RequestedOptions extends GlobalOptions {
  readonly model?: string
  readonly stream?: boolean
  readonly maxTokens?: number
  readonly stale?: ContextPackPolicy['stale_handling']
  readonly requireFresh?: boolean
  readonly regenerate?: boolean
  /** Only what the lockfile states may be sent. */
  readonly frozen?: boolean
  /** Lets verification commands run where nothing can keep them from network and files. */
  readonly allowUnsandboxed?: boolean
  /** The id of an interrupted run whose finished micro-tasks are not repeated. */
  readonly resume?: string
  /** Candidates that are left out: their ids, or how these begin. */
  readonly without?: readonly string[]
}

/** The config with what the command line says instead. A named model serves every role, under the rules of the active profile. */
export function overrideConfig(options: RequestedOptions): (config: ResolvedConfig) => ResolvedConfig {
  return (config) => {
    const { contextPack } = config.policy
    const policy: ContextPackPolicy = {
      regen_allowed: options.regenerate === false ? false : contextPack.regen_allowed,
      regen_required: options.requireFresh === true || contextPack.regen_required,
      stale_handling: options.stale ?? contextPack.stale_handling,
    }
    const resolved = { ...config, policy: { ...config.policy, contextPack: policy } }
    return options.model === undefined ? resolved : withModel(resolved, options.model)
  }
}

/** What of the command line has to be said again by whoever goes on with the run. */
export function keptOptions(
  command: string,
  { model, maxTokens, stream, stale, requireFresh, regenerate, frozen, allowUnsandboxed }: RequestedOptions,
  taskPath: string | undefined,
): NonNullable<RunRequest['options']> {
  return {
    command,
    ...(model !== undefined && { model }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(stream !== undefined && { stream }),
    ...(stale !== undefined && { stale }),
    ...(requireFresh !== undefined && { require_fresh: requireFresh }),
    ...(regenerate !== undefined && { regenerate }),
    ...(frozen !== undefined && { frozen }),
    ...(allowUnsandboxed !== undefined && { allow_unsandboxed: allowUnsandboxed }),
    ...(taskPath !== undefined && { task_path: taskPath }),
  }
}

/** The kept options as the command line would give them. */
export function optionsOf({ options = { command: 'run' } }: RunRequest): RequestedOptions {
  const { max_tokens, require_fresh, allow_unsandboxed, command: _, task_path: _path, ...same } = options
  return {
    ...same,
    ...(max_tokens !== undefined && { maxTokens: max_tokens }),
    ...(require_fresh !== undefined && { requireFresh: require_fresh }),
    ...(allow_unsandboxed !== undefined && { allowUnsandboxed: allow_unsandboxed }),
  }
}

function withModel(config: ResolvedConfig, model: string): ResolvedConfig {
  const served = config.providers.some(
    ({ default_model_id, models }) => default_model_id === model || models.some(({ model_id }) => model_id === model),
  )
  if (!served) {
    const known = config.providers.map(({ default_model_id }) => default_model_id).join(', ')
    throw new CommandError({
      exit: EXIT_CODE.usage,
      code: 'MODEL_UNKNOWN',
      message: `--model expects a model of a configured provider; got ${model}, known are ${known}`,
      hint: 'Add it to `models` of a provider in the config.',
    })
  }
  const active = config.profiles.find(({ profile_id }) => profile_id === config.activeProfile)
  if (!active) throw new TypeError('a resolved config has its active profile')
  const profile = withSingleModel(active, model)
  return { ...config, profiles: [profile], activeProfile: profile.profile_id }
}

/** The active profile with one model for every role and kind of work; what it forbids, it forbids for that model too. */
function withSingleModel(active: WorkProfile, model: string): WorkProfile {
  const { profile_id, model_assignments: roles, overrides: _, routing: _routing, ...rest } = active
  const only = ({ local_only, allowed_models }: ModelAssignment): ModelAssignment => ({
    primary_model_id: model,
    local_only,
    ...(allowed_models && { allowed_models }),
  })
  return {
    ...rest,
    // Profiles never change under an id, so that this one may be named after both.
    profile_id: `${profile_id}/${model}`,
    model_assignments: {
      frontend: only(roles.frontend),
      orchestrator: only(roles.orchestrator),
      worker: only(roles.worker),
      validator: only(roles.validator),
    },
  }
}
