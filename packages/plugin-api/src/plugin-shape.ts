import type { PluginKind } from '@ctxlock/contracts/plugin'

import { API_VERSION } from './plugin.ts'
import type { Plugin } from './plugin.ts'

const KINDS: readonly PluginKind[] = ['provider', 'guard', 'extractor', 'sink']
const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/

/** What is wrong with a value that a package exports as a plugin; nothing when it is one. The value may be anything. */
export function pluginFaults(value: unknown): string[] {
  if (typeof value !== 'object' || value === null)
    return [`expected a plugin object, got ${value === null ? 'null' : typeof value}`]
  const { apiVersion, kind, name, options, create, encoder } = readFields(value)
  if (apiVersion !== API_VERSION) {
    return [`expected apiVersion "${API_VERSION}", got ${shown(apiVersion)}; install a release made for this version`]
  }
  const faults: string[] = []
  if (!KINDS.some((known) => known === kind))
    faults.push(`expected kind to be one of ${KINDS.join(', ')}, got ${shown(kind)}`)
  if (typeof name !== 'string' || !NAME.test(name))
    faults.push(`expected name to match ${NAME.source}, got ${shown(name)}`)
  if (!isStandardSchema(options))
    faults.push('expected options to be a Standard Schema (version 1), for example a zod schema')
  if (typeof create !== 'function') faults.push(`expected create to be a function, got ${typeof create}`)
  if (encoder !== undefined && typeof encoder !== 'function')
    faults.push(`expected encoder to be a function or left out, got ${typeof encoder}`)
  return faults
}

/** True for a value without faults. */
export function isPlugin(value: unknown): value is Plugin {
  return pluginFaults(value).length === 0
}

interface Fields {
  readonly apiVersion?: unknown
  readonly kind?: unknown
  readonly name?: unknown
  readonly options?: unknown
  readonly create?: unknown
  readonly encoder?: unknown
}

/** Foreign code: a getter may throw, which makes the plugin broken and nothing else. */
function readFields(value: Fields): Fields {
  try {
    const { apiVersion, kind, name, options, create, encoder } = value
    return { apiVersion, kind, name, options, create, encoder }
  } catch {
    return {}
  }
}

function isStandardSchema(value: unknown): boolean {
  // Some libraries make their schemas callable.
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  const standard: unknown = Reflect.get(value, '~standard')
  if (typeof standard !== 'object' || standard === null) return false
  return Reflect.get(standard, 'version') === 1 && typeof Reflect.get(standard, 'validate') === 'function'
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : typeof value
}
