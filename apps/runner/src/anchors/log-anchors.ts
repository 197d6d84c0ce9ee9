import type { AnchorSink } from '@ctxlock/contracts/plugin'
import type { Environment } from '@ctxlock/contracts/ports'
import { createRegistry, PluginError, type Registry } from '@ctxlock/plugin-api'

import { CommandError } from '../command-error.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { offlineContext } from '../providers/offline-context.ts'
import { loadPlugins } from '../providers/plugins.ts'
import { startPlugin } from '../providers/start-plugin.ts'
import type { ResolvedConfig } from '../workspace/default-config.ts'
import { fileAnchorPlugin } from './file-anchor.ts'
import { gitAnchorPlugin } from './git-anchor.ts'

export type LogAnchors = ReadonlyMap<string, AnchorSink>

export interface AnchorPlaces {
  readonly root: string
  readonly stateFolder: string
  readonly environment: Environment
}

/** The file beside the database, and what the config names beside it: `git`, or the sink of a plugin. Code: PLUGINS_INVALID. */
export async function openAnchors(
  { root, stateFolder, environment }: AnchorPlaces,
  { recorder, plugins: names }: Pick<ResolvedConfig, 'recorder' | 'plugins'>,
  loaded?: Registry,
): Promise<LogAnchors> {
  const builtIn = createRegistry(
    [fileAnchorPlugin(stateFolder), gitAnchorPlugin(root)].map((plugin) => ({ source: 'ctxlock', plugin })),
  )
  const context = offlineContext(environment)
  const anchors = new Map<string, AnchorSink>()
  for (const { name, options } of [{ name: 'file', options: {} }, ...recorder.anchors]) {
    const registry = builtIn.has('sink', name) ? builtIn : (loaded ?? (await loadPlugins(root, names, new Set())))
    try {
      anchors.set(name, await startPlugin(registry, { kind: 'sink', name, options }, context))
    } catch (error) {
      throw error instanceof PluginError ? anchorRefused(name, error) : error
    }
  }
  return anchors
}

function anchorRefused(name: string, cause: PluginError): CommandError {
  const problems = cause.issues.map(({ message }) => message).join('; ')
  return new CommandError(
    {
      exit: EXIT_CODE.usage,
      code: 'PLUGINS_INVALID',
      message: `\`recorder.anchors\` of the config: the anchor ${name} cannot be used: ${problems}`,
      hint: 'Correct the entry; `git` is built in, and any other comes from a plugin that `plugins` names.',
    },
    { cause },
  )
}
