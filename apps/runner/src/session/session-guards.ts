import { MANDATORY_GUARDS } from '@ctxlock/ace-validators'
import type { Guard } from '@ctxlock/contracts/guards'
import type { Environment } from '@ctxlock/contracts/ports'
import { Identifier } from '@ctxlock/contracts/primitives'
import type { Registry } from '@ctxlock/plugin-api'
import { z } from 'zod'

import { offlineContext } from '../providers/offline-context.ts'
import { pluginsRefused } from '../providers/plugins.ts'

const Hook = z.custom((value) => typeof value === 'function').optional()
/** What a plugin returns comes from somebody else's code. */
const GuardShape = z
  .object({ name: Identifier, version: Identifier, validatePlan: Hook, validateTrace: Hook, validateCall: Hook })
  .refine((guard) => guard.validatePlan ?? guard.validateTrace ?? guard.validateCall)

/**
 * The twelve, always (VAL-001, VAL-008), then those of plugins by the plugin's name. Throws `PLUGINS_INVALID` for a guard without
 * name, version or hook, and for a name that is taken.
 */
export async function sessionGuards(plugins: Registry, environment: Environment): Promise<readonly Guard[]> {
  const names = plugins.list().flatMap(({ kind, name }) => (kind === 'guard' ? [name] : []))
  const context = offlineContext(environment)
  const guards: Guard[] = [...MANDATORY_GUARDS]
  for (const name of names) {
    const guard = await plugins.create('guard', name, {}, context)
    if (!GuardShape.safeParse(guard).success)
      throw pluginsRefused(
        `the guard of the plugin ${name} needs a name, a version and at least one of validatePlan, validateTrace and validateCall`,
      )
    if (guards.some((other) => other.name === guard.name))
      throw pluginsRefused(`the guard of the plugin ${name} is named ${guard.name}, and another guard is`)
    guards.push(guard)
  }
  return guards
}
