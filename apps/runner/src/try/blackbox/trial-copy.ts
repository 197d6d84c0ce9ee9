import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { CtxlockConfig } from '@ctxlock/contracts/config'

import { CONFIG_FILE } from '../../workspace/committed-files.ts'
import { EMBEDDED_PROVIDER, singleModelProfile } from '../../workspace/default-config.ts'
import { parseConfigText } from '../../workspace/config-text.ts'
import { readWrittenFile } from '../../workspace/written-file.ts'
import { copyPaths, lockedPaths } from '../copied-tree.ts'

/** The model the task begins with, and the one with a smaller window that takes over. Both quote and are no language models. */
export const MODELS = { first: 'extractive', second: 'extractive-small' } as const

/** What the trial adds to the copy. */
export const TRIAL_FOLDER = 'ctxlock-try'

export interface TrialCopy {
  readonly root: string
  readonly files: number
  /** The environment with a config and a cache folder of the trial's own: keys and waivers of the visitor are not touched. */
  readonly variables: NodeJS.ProcessEnv
  /** States in the config of the copy how many tokens the second model can take. */
  giveWindow(tokens: number): void
}

/** A copy of what a lock of `root` would see, with the visitor's sources and rules and the trial's models; all of it in `scratch`. */
export function copyWorkspace(root: string, scratch: string): TrialCopy {
  const copy = join(scratch, 'copy')
  mkdirSync(copy)
  const paths = lockedPaths(root)
  copyPaths(root, copy, paths)
  const visitors = visitorsConfig(root)
  const giveWindow = (tokens?: number) =>
    writeFileSync(join(copy, CONFIG_FILE), JSON.stringify(trialConfig(visitors, tokens)))
  giveWindow()
  return {
    root: copy,
    files: paths.length,
    giveWindow,
    variables: {
      ...process.env,
      XDG_CONFIG_HOME: join(scratch, 'config'),
      XDG_CACHE_HOME: join(scratch, 'cache'),
    },
  }
}

/** Writes a file of the trial into the copy, and returns its path there. */
export function addTrialFile({ root }: TrialCopy, name: string, text: string): string {
  const path = `${TRIAL_FOLDER}/${name}`
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
  return path
}

function visitorsConfig(root: string): CtxlockConfig | undefined {
  return readWrittenFile(join(root, CONFIG_FILE), {
    schema: CtxlockConfig,
    what: 'the config',
    parse: parseConfigText,
    code: 'CONFIG_INVALID',
    hint: 'Correct the field, or try this in another folder.',
  })
}

/** The visitor's providers, plugins and anchors stay out: nothing is to be reached but this machine's disk. */
function trialConfig(visitors: CtxlockConfig | undefined, window?: number): CtxlockConfig {
  const { include = [], ...sources } = visitors?.sources ?? {}
  const { injection_patterns, injection_packs } = visitors?.policy ?? {}
  const level = (number: number, model_id: string, is_hard_gate = false) => ({
    level: number,
    model_id,
    is_cloud: false,
    is_hard_gate,
  })
  return {
    schema_version: 'ctxlock.config@1',
    sources: { ...sources, ...(include.length > 0 && { include: [...include, `/${TRIAL_FOLDER}/`] }) },
    ...(visitors?.rules && { rules: visitors.rules }),
    policy: {
      allow_waivers: true,
      ...(injection_patterns && { injection_patterns }),
      ...(injection_packs && { injection_packs }),
    },
    providers: [
      {
        ...EMBEDDED_PROVIDER,
        models: [
          ...EMBEDDED_PROVIDER.models.map((model) => ({ ...model, memory_mb: 0 })),
          ...EMBEDDED_PROVIDER.models.map((model) => ({
            ...model,
            model_id: MODELS.second,
            memory_mb: 0,
            ...(window !== undefined && { max_context_tokens: window }),
          })),
        ],
      },
    ],
    profiles: [singleModelProfile('try-blackbox', MODELS.first)],
    active_profile: 'try-blackbox',
    execution: {
      policy: {
        escalation_chain: [level(0, MODELS.first), level(1, MODELS.second), level(2, 'HARD_GATE', true)],
        drop_back_strategy: 'never',
      },
    },
  }
}
