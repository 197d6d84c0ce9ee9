import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { CtxlockConfig } from '@ctxlock/contracts/config'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { CONFIG_FILE } from './committed-files.ts'
import { parseConfigText } from './config-text.ts'
import { resolveConfig, type ResolvedConfig } from './default-config.ts'
import { readWrittenFile } from './written-file.ts'

export interface LoadedConfig {
  readonly config: ResolvedConfig
  /** False when no config file exists and the defaults are in force. */
  readonly fromFile: boolean
  /** False when the file says nothing about providers, so that the embedded one is in force. */
  readonly listsProviders: boolean
}

/** Loads `ctxlock.config.json`; without one the defaults hold: embedded provider, built-in rules only, nothing leaves. */
export function loadConfig(root: string): LoadedConfig {
  const path = join(root, CONFIG_FILE)
  const parsed = readWrittenFile(path, {
    schema: CtxlockConfig,
    what: 'the config',
    parse: parseConfigText,
    code: 'CONFIG_INVALID',
    hint: 'Correct the field, or move the file away and run `ctxlock init` for a fresh one.',
  })
  const config = resolveConfig(parsed ?? { schema_version: 'ctxlock.config@1' })
  checkReferences(config, path)
  return { config, fromFile: existsSync(path), listsProviders: parsed?.providers !== undefined }
}

/** Cross-field rules that no schema can say. */
function checkReferences(config: ResolvedConfig, path: string): void {
  if (!config.profiles.some((profile) => profile.profile_id === config.activeProfile)) {
    const known = config.profiles.map((profile) => profile.profile_id).join(', ')
    throw invalid(path, `\`active_profile\` names ${config.activeProfile}, but the profiles are ${known}`)
  }
  for (const [field, ids] of [
    ['profiles', config.profiles.map((profile) => profile.profile_id)],
    ['roles', config.roles.map((role) => role.role_id)],
    ['providers', config.providers.map((provider) => provider.provider_id)],
  ] as const) {
    const twice = ids.find((id, index) => ids.indexOf(id) !== index)
    if (twice !== undefined) throw invalid(path, `\`${field}\` lists ${twice} twice`)
  }
  checkEmbedding(config, path)
}

function checkEmbedding({ embedding, providers }: ResolvedConfig, path: string): void {
  if (!embedding) return
  const served = providers
    .filter(({ enabled }) => enabled)
    .flatMap(({ default_model_id, models }) => [default_model_id, ...models.map(({ model_id }) => model_id)])
  if (served.includes(embedding.modelId)) return
  const known = [...new Set(served)].join(', ')
  throw invalid(
    path,
    `\`embedding.model_id\` names ${embedding.modelId}, but the models of enabled providers are ${known}`,
  )
}

function invalid(path: string, problem: string): CommandError {
  return new CommandError({
    exit: EXIT_CODE.usage,
    code: 'CONFIG_INVALID',
    message: `the config at ${path} is not valid: ${problem}`,
    hint: 'Correct the field and run the command again.',
  })
}
