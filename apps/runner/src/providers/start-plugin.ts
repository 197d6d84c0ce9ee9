import type { PluginContext, PluginKind, PluginPorts } from '@ctxlock/contracts/plugin'
import { ProviderError } from '@ctxlock/contracts/provider'
import { PluginError, type Registry } from '@ctxlock/plugin-api'

import { CommandError } from '../command-error.ts'
import { pluginsRefused, wordsOf } from './plugins-refused.ts'

interface Start<Kind extends PluginKind> {
  readonly kind: Kind
  readonly name: string
  readonly options: unknown
}

/** Starts a plugin of the registry. Throws `PLUGINS_INVALID` for what its code throws or returns, and errors with a code of ours as they are. */
export async function startPlugin<Kind extends PluginKind>(
  plugins: Registry,
  { kind, name, options }: Start<Kind>,
  context: PluginContext,
): Promise<PluginPorts[Kind]> {
  try {
    return await plugins.create(kind, name, options, context)
  } catch (error) {
    if (error instanceof PluginError && error.code === 'INVALID_PORT')
      throw pluginsRefused(error.issues.map(({ plugin, message }) => `the ${plugin}: ${message}`).join('; '), error)
    if (error instanceof PluginError || error instanceof ProviderError || error instanceof CommandError) throw error
    throw pluginsRefused(`the ${kind} ${name} failed when it was started: ${wordsOf(error)}`, error)
  }
}
