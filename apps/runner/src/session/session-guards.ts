import { readFileSync } from 'node:fs'

import { MANDATORY_GUARDS } from '@ctxlock/ace-validators'
import type { Guard } from '@ctxlock/contracts/guards'
import type { LockedGuard } from '@ctxlock/contracts/lockfile'
import type { Environment } from '@ctxlock/contracts/ports'
import { Identifier } from '@ctxlock/contracts/primitives'
import { bytesHash } from '@ctxlock/core-hash'
import type { Registry } from '@ctxlock/plugin-api'
import { z } from 'zod'

import { offlineContext } from '../providers/offline-context.ts'
import { pluginFile } from '../providers/plugins.ts'
import { pluginsRefused } from '../providers/plugins-refused.ts'
import { startPlugin } from '../providers/start-plugin.ts'

const Hook = z.custom((value) => typeof value === 'function').optional()
/** What a plugin returns comes from somebody else's code. */
const GuardShape = z
  .object({ name: Identifier, version: Identifier, validatePlan: Hook, validateTrace: Hook, validateCall: Hook })
  .refine((guard) => guard.validatePlan ?? guard.validateTrace ?? guard.validateCall)

/** A guard of a plugin, and what the lockfile and the guard-set hash state of it. */
export interface PluginGuard {
  readonly guard: Guard
  readonly locked: LockedGuard
}

/**
 * The guards of plugins by the plugin's name; they run after the twelve. Throws `PLUGINS_INVALID` for a guard without name,
 * version or hook, and for a name that is taken.
 */
export async function pluginGuards(
  root: string,
  plugins: Registry,
  environment: Environment,
): Promise<readonly PluginGuard[]> {
  const listed = plugins.list().filter(({ kind }) => kind === 'guard')
  const context = offlineContext(environment)
  const guards: PluginGuard[] = []
  for (const { name, source } of listed) {
    const guard = await startPlugin(plugins, { kind: 'guard', name, options: {} }, context)
    if (!GuardShape.safeParse(guard).success)
      throw pluginsRefused(
        `the guard of the plugin ${name} needs a name, a version and at least one of validatePlan, validateTrace and validateCall`,
      )
    if ([...MANDATORY_GUARDS, ...guards.map((other) => other.guard)].some((other) => other.name === guard.name))
      throw pluginsRefused(`the guard of the plugin ${name} is named ${guard.name}, and another guard is`)
    const code_hash = bytesHash(readFileSync(pluginFile(root, source)))
    guards.push({ guard, locked: { guard: guard.name, version: guard.version, plugin: source, code_hash } })
  }
  return guards
}
